// SPDX-License-Identifier: Apache-2.0
/// @file version.h The one place that states the version; the build, the SONAME and the bindings read it.
#ifndef HIPINFER_VERSION_H
#define HIPINFER_VERSION_H

#define HIPINFER_VERSION_MAJOR 0
#define HIPINFER_VERSION_MINOR 1
#define HIPINFER_VERSION_PATCH 0

#endif
