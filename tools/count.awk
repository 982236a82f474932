# SPDX-License-Identifier: Apache-2.0
# Adds up what closing lines of GoogleTest, pytest, cargo test and "N passed, N failed" say: passed, failed, skipped, and of
# those that passed the ones that passes.py remembers.
/^\[  PASSED  \] [0-9]+ test/ { good += $4 }
/^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
/^\[  SKIPPED \] [0-9]+ test/ { left += $4 }
/^test result: / { good += $4; bad += $6; left += $8 }
# pytest counts a file that is skipped whole as one test.
/^left out: [0-9]+ test functions of [0-9]+ files/ { left += $3 - $7 }
/(^|[ =])[0-9]+ (passed|failed|error|skipped|remembered)/ && !/^test result/ {
  for (i = 2; i <= NF; ++i) {
    if ($i ~ /^passed/) good += $(i-1)
    if ($i ~ /^(failed|error)/) bad += $(i-1)
    if ($i ~ /^skipped/) left += $(i-1)
    if ($i ~ /^remembered/) again += $(i-1)
  }
}
END { print good + 0, bad + 0, left + 0, again + 0 }
