# SPDX-License-Identifier: Apache-2.0
"""Each refusal of the generator, provoked by one edit of the sample family. The message names the place."""

import re

import pytest
import sample
from sample import FAMILY, PARAMS, changed

OUTPUT = '[arguments.output]\nkind = "out"\ndtype = "data"\nshape = "T N"\n'
INPUT = '[arguments.input]\nkind = "in"\ndtype = "data"\nshape = "T N"\n'
INDPTR = 'contents = { ascending = true, at_least = 0, at_most = "I", of = "entries of table" }'
TABLE = 'contents = { at_least = 0, below = "T", of = "rows of input", within = "indptr" }'
LENGTHS = 'contents = { at_least = 1, at_most = "N", of = "values of a row", owners = "indptr" }'
WIDE = 'name = "wide"\n'
D = 'name = "d$d"\n'
ROWS_GUESS = 'guess = "For any row."'
MEASURED = 'measured = { what = "bandwidth of 4096 rows", device = "H200", date = 2026-11-21 }'
ALIASING = 'aliasing = "output may be input, with the same strides; it may not overlap weight."'
INDEX_ARGS = '{ name = "indptr", optional = true }, { name = "table", optional = true }, { name = "lengths", optional = true }]'
TABLE_ARGS = 'args = [{ name = "output", optional = true }, "input",\n  ' + INDEX_ARGS
VALUES = 'values = [{ name = "none", value = 0, doc = "Nothing." }, { name = "twice", value = 1, doc = "Doubles it." }]'
FACTOR = 'kind = "f32"\nmin = 0.0\nmax = 1e30\ndefault = 1.0\n'
COUNT = 'kind = "i64"\nmin = 0\ndefault = 0\n'
LIMIT = '[options.limit]\nkind = "f32"\nmin = 0.0\n'
NEGATE = '[options.negate]\nkind = "bool"\n'
WAY = '[options.way]\nkind = "enum"\nenum = "sample_way"\n'
BIAS = '[options.bias]\nkind = "in"\ndtype = "weight"\nshape = "N"\noptional = true\n'
EACH_FORM = 'each = { form = ["plain", "plus_one"] }'
TRAITS = 'traits = { form = "$form", bits = 16, exact = true }'
SECOND_ENUM = '[enumerations.other_way]\ndoc = "Ways."\nvalues = [{ name = "none", value = 0, doc = "Nothing." }]\n'
STRUCTS = "".join(f"struct {name}_params {{\n  int64_t n;\n}};\n" for name in ("Sample", "registry", "sample_plain", "sample_many"))
OF_TABLE = "sample/family.toml: sample_table: "
OF_PLAIN = "sample/family.toml: sample_plain: "


def renamed(name: str) -> list[tuple[str, str]]:
    """The argument table, and what refers to it, under another name."""
    return [("[arguments.table]", f"[arguments.{name}]"), ('{ name = "table"', f'{{ name = "{name}"')]


def operation(name: str) -> list[tuple[str, str]]:
    return [('name = "sample_table"', f'name = "{name}"')]


def enumeration(name: str) -> list[tuple[str, str]]:
    return [("[enumerations.sample_way]", f"[enumerations.{name}]"), (WAY, WAY.replace("sample_way", name))]


def trait(name: str) -> list[tuple[str, str]]:
    return [(TRAITS, f'traits = {{ {name} = "$form" }}')]


def when(text: str) -> list[tuple[str, str]]:
    return [('when = "p.vector && p.n <= 4096"', f"when = '{text}'")]


def body(text: str) -> list[tuple[str, str]]:
    return [('body = "gather_rows<$data, 0>(p)"', f"body = '{text}'")]


NO_OPERATIONS = [('[[ops]]\nname = "sample_${form}"', "[[other]]"), ('[[ops]]\nname = "sample_table"', "[[other]]")]
NO_ROWS = [(f"[[kernels]]\n{row}", f"[[other]]\n{row}")
           for row in ('group = "rows"\nname = "wide"', 'group = "rows"\nname = "rows"', 'name = "d$d"', 'name = "any"')]
NO_PARTNER = OF_PLAIN + "kernel wide: when: "

# id: edits, message
CASES = {
    # The file and its shared tables
    "not TOML": ([('since = "0.1"', "since = ")], "sample/family.toml: "),
    "no operations": ([('[[ops]]\nname = "sample_${form}"', "[[other]]"), ('[[ops]]\nname = "sample_table"', "[[other]]")],
                      "sample/family.toml: ops is missing"),
    "unknown field of the file": ([('since = "0.1"', 'since = "0.1"\nsource = "x"')], "sample/family.toml: unknown field source"),
    "since missing": ([('since = "0.1"\n', "")], OF_PLAIN + "since is missing"),
    "since no text": ([('since = "0.1"', "since = 0.1")], "sample/family.toml: since is a float, expected str"),
    "dims no table": ([("[dims]\n", "[dims]\n[dims.T]\n"), ('T = "rows; 0 is allowed"\n', "")], "[dims]: T is a dict"),
    "dim empty": ([('N = "length of a row"', 'N = ""')], "[dims]: N is empty"),
    "dim unsaid": ([('B = "requests"\n', "")], OF_TABLE + "[dims] does not say what B is"),
    "text no text": ([('rounding = "one rounding to the dtype"', "rounding = 1")], "[texts]: rounding is a int"),
    "axis no table": ([('[axes.form.plain]\nlong = "weights as they are"', '[axes.form]\nplain = "x"')],
                      "[axes.form]: plain is no table"),
    "axis text empty": ([('long = "weights as they are"', 'long = ""')], "[axes.form.plain]: long is empty"),
    # Expansion
    "unknown placeholder": ([("numerics = \"fp32, $rounding.\"", "numerics = \"fp32, $rouding.\"")],
                            "sample/family.toml: [[ops]] 'sample_${form}': $rouding in 'fp32, $rouding.' is unknown; known are $rounding, $form, $form.long"),
    "unknown placeholder in a body": ([("scale_rows<$data, $weight, $threads, $tune.each>", "scale_rows<$dta>")],
                                      OF_PLAIN + "kernel wide: $dta in "),
    "unknown tune key in a body": ([("$threads, $tune.each>", "$threads, $tune.width>")], OF_PLAIN + "kernel wide: $tune.width in "),
    "unknown axis": ([(EACH_FORM, 'each = { shape = ["plain"] }')], "each.shape: [axes.shape] has no 'plain'"),
    "unknown value of an axis": ([(EACH_FORM, 'each = { form = ["plain", "minus"] }')], "each.form: [axes.form] has no 'minus'"),
    "each no list": ([(EACH_FORM, 'each = { form = "plain" }')], "each: form is a str, expected list"),
    "each twice the same": ([("each = { d = [64, 128] }", "each = { d = [64, 64] }")], "each.d: a value is there twice"),
    # An operation
    "unknown field of an operation": ([('workspace = "4 bytes a request."', 'workspce = "4"')], OF_TABLE + "unknown field workspce"),
    "empty text": ([('formula = "output[t,i] = input[table[t],i]"', 'formula = ""')], OF_TABLE + "formula is empty"),
    "text missing": ([('formula = "output[t,i] = input[table[t],i]"\n', "")], OF_TABLE + "formula is missing"),
    "text of two lines": ([('formula = "output[t,i] = input[table[t],i]"', 'formula = "a\\nb"')], OF_TABLE + "formula: a comment"),
    "text that ends a comment": ([('doc = "Doubles it."', 'doc = "*/"')], "enumeration sample_way.twice: a comment"),
    "name in capitals": ([('name = "sample_table"', 'name = "Sample"')], "the name 'Sample': expected lower-case letters"),
    "name of a file of the build": ([('name = "sample_table"', 'name = "registry"')],
                                    "registry: a file of the generator has that name"),
    "example of nothing": ([('numerics = "None."', 'numerics = "None."\nexample = { J = 4 }')],
                           OF_TABLE + "example: J is no symbol, dtype variable, argument or option of it"),
    "example of no operation": ([('since = "0.1"', 'since = "0.1"\nexample = { J = 4 }')], "[example]: J: no operation has it"),
    "example no table": ([('since = "0.1"', 'since = "0.1"\nexample = 4')], "example is a int, expected dict"),
    "two operations of one name": ([('name = "sample_table"', 'name = "sample_plain"')],
                                   "two operations are named sample_plain"),
    "unknown argument": ([(TABLE_ARGS, 'args = ["out"]')], OF_TABLE + "the family has no argument 'out'"),
    "argument neither name nor table": ([(TABLE_ARGS, "args = [1]")], OF_TABLE + "argument 1, expected a name or a table"),
    "unknown option": ([('options = ["bias", "way", "limit", "negate"]', 'options = ["ways"]')], "the family has no option 'ways'"),
    "unknown status": ([('status = "INVALID_SHAPE"', 'status = "INVALID"')], OF_TABLE + "errors: there is no status INVALID"),
    "unknown field of an error": ([('when = "N is 0" }', 'when = "N is 0", why = "x" }')], OF_TABLE + "errors: unknown field why"),
    "a name twice": ([(TABLE_ARGS, TABLE_ARGS.replace("]", ', "input"]'))], OF_TABLE + "input: the name is taken"),
    "an option with an argument's name": ([("[options.bias]", "[options.weight]"), ('options = ["bias",', 'options = ["weight",')],
                                          OF_PLAIN + "weight: the name is taken"),
    "a name of the entry points": ([("[arguments.table]", "[arguments.e]"), ('{ name = "table"', '{ name = "e"')],
                                   OF_TABLE + "e: the name is taken"),
    "a keyword of Python": ([("[arguments.table]", "[arguments.lambda]"), ('{ name = "table"', '{ name = "lambda"')],
                            OF_TABLE + "the argument 'lambda' is a keyword"),
    "a keyword of Rust": ([("[arguments.table]", "[arguments.mod]"), ('{ name = "table"', '{ name = "mod"')],
                          OF_TABLE + "the argument 'mod' is a keyword"),
    "a keyword of C++": ([("[arguments.table]", "[arguments.template]"), ('{ name = "table"', '{ name = "template"')],
                         OF_TABLE + "the argument 'template' is a keyword"),
    # Tensors
    "unknown kind": ([(INPUT, INPUT.replace('"in"', '"into"'))], OF_PLAIN + "input: kind 'into', expected one of in, out"),
    "unknown field of an argument": ([(INPUT, INPUT + "min = 0\n")], OF_PLAIN + "input: unknown field min"),
    "no shape": ([(INPUT, INPUT.replace('"T N"', '""'))], OF_PLAIN + "input: shape is missing or empty"),
    "bad extent": ([(INPUT, INPUT.replace('"T N"', '"T N*2"'))], OF_PLAIN + "input: extent 'N*2': expected a number, N, 2*N or N+1"),
    "extent of nothing": ([(INPUT, INPUT.replace('"T N"', '"T 0*N"'))], OF_PLAIN + "input: 0*N: an extent that says nothing"),
    "wide multiple": ([(INPUT, INPUT.replace('"T N"', '"T 32768*N"'))], OF_PLAIN + "input: 32768*N+0: numbers are 16 bits wide"),
    "wide offset": ([(INPUT, INPUT.replace('"T N"', '"T N+32768"'))], OF_PLAIN + "input: 1*N+32768: numbers are 16 bits wide"),
    "too many dimensions": ([(INPUT, INPUT.replace('"T N"', '"T T T T T T N"'))],
                            OF_PLAIN + "input: 7 dimensions, max_rank in src/core/limits.h allows 6"),
    "two shapes of one rank": ([(INPUT, INPUT.replace('"T N"', '["T N", "N T"]'))],
                               OF_PLAIN + "input: alternative shapes are told apart by their rank"),
    "one number before other shapes": ([(INPUT, INPUT.replace('"T N"', '["1", "T N"]'))],
                                       OF_PLAIN + 'input: one number, shape "1", is the last of the alternatives'),
    "as many shapes as another": ([(INPUT, INPUT.replace('"T N"', '["T N", "N"]')),
                                   (OUTPUT, OUTPUT.replace('"T N"', '["T N", "N", "T T N"]'))],
                                  "2 alternative shapes, output has 3: one choice is made for all"),
    "unknown strides": ([(INPUT, INPUT + 'strides = "dense"\n')], OF_PLAIN + "input: strides 'dense', expected one of rows"),
    "unknown dtype variable": ([(INPUT, INPUT.replace('"data"', '"date"'))], OF_PLAIN + "dtype 'date' is not in [dtypes]"),
    "unknown dtype": ([('data = ["f32", "f16"]', 'data = ["f32", "fp16"]')], OF_PLAIN + "dtypes.data: 'fp16' is no dtype"),
    "dtype twice": ([('data = ["f32", "f16"]', 'data = ["f32", "f32"]')], OF_PLAIN + "dtypes.data: a dtype is there twice"),
    "dtype no text": ([('data = ["f32", "f16"]', "data = [32]")], "dtypes: data has 32, expected texts"),
    "follows two variables": ([('weight = ["data", "f32"]', 'weight = ["data", "index"]')], "expected dtypes and at most one other"),
    "follows a later one": ([('data = ["f32", "f16"]\nweight = ["data", "f32"]', 'weight = ["data", "f32"]\ndata = ["f32", "f16"]')],
                            OF_PLAIN + "dtypes.weight: data must come before it"),
    "follows a follower": ([('index = ["i32", "i64"]', 'index = ["i32", "i64"]\nbias = ["weight", "f32"]'),
                            (BIAS, BIAS.replace('"weight"', '"bias"'))],
                           OF_PLAIN + "dtypes.bias: weight follows another variable itself"),
    "blocks of free strides": ([('weight = ["data", "f32"]', 'weight = ["q4_0"]'), (BIAS, BIAS + 'strides = "free"\n')],
                               OF_PLAIN + "bias: blocks of q4_0 lie along the last dimension: strides are not free"),
    # Aliasing
    "alias of nothing": ([('alias = ["input"]', 'alias = ["inputs"]')], OF_PLAIN + "output: alias 'inputs' is not an argument"),
    "alias of itself": ([('alias = ["input"]', 'alias = ["output"]')], OF_PLAIN + "output: may not be the same memory as output"),
    "alias no text": ([('alias = ["input"]', "alias = [1]")], "output: alias has 1, expected texts"),
    "aliasing unsaid": ([(ALIASING, 'aliasing = "output may not overlap weight."')],
                        OF_PLAIN + "aliasing: does not say that output may be input"),
    "aliasing said of another": ([('alias = ["input"]', 'alias = ["weight"]')],
                                 OF_PLAIN + "aliasing: does not say that output may be weight"),
    "aliasing says more": ([(ALIASING, ALIASING.replace("be input,", "be input or weight,"))],
                           OF_PLAIN + "aliasing: says that output may be weight, and alias does not"),
    "aliasing forbids it": ([(ALIASING, ALIASING.replace("it may not overlap weight", "output and input may not overlap"))],
                            OF_PLAIN + "aliasing: says that output and input may not overlap, but alias allows it"),
    "aliasing forbids all": ([(ALIASING, ALIASING.replace("it may not overlap weight", "no two tensors may overlap"))],
                             OF_PLAIN + "aliasing: says that output and input may not overlap"),
    "aliasing none": ([(ALIASING, ALIASING.replace("output may", "none: output may"))], OF_PLAIN + "aliasing: says none, but output"),
    "aliasing says nothing": ([('aliasing = "none."', 'aliasing = "As usual."')], OF_TABLE + "aliasing: says neither"),
    # Contents
    "contents of an output": ([(OUTPUT, OUTPUT + "contents = { at_least = 0 }\n")],
                              "output: contents: only an input of i32 or i64 has contents"),
    "contents of floats": ([(INPUT, INPUT + "contents = { at_least = 0 }\n")], "input: contents: only an input of i32 or i64"),
    "contents without a rule": ([(TABLE, 'contents = { within = "indptr" }')], OF_TABLE + "table: contents: says nothing"),
    "contents below and at most": ([(TABLE, 'contents = { below = "T", at_most = 3, of = "x" }')], "say either below or at_most"),
    "contents with a text too few": ([(INDPTR, 'contents = { ascending = true, at_least = 0, at_most = ["I", "T"], of = "entries" }')],
                                     OF_TABLE + "indptr: contents: of: 2 texts are wanted, one for each bound"),
    "contents without a bound in a list": ([('at_most = "I", of = "entries of table"', 'at_most = [], of = "entries of table"')],
                                           OF_TABLE + "indptr: contents: at_most is empty"),
    "contents with a number for an extent": ([(INDPTR, 'contents = { ascending = true, at_least = 0, at_most = ["I", 3], of = ["a", "b"] }')],
                                             OF_TABLE + "indptr: contents: bounds that stand for each other are two extents"),
    "contents with three bounds": ([(TABLE, 'contents = { below = ["T", "N", "I"], of = ["a", "b", "c"] }')],
                                   OF_TABLE + "table: contents: bounds that stand for each other are two extents"),
    "contents of what": ([(TABLE, 'contents = { below = "T" }')], OF_TABLE + "table: contents: of is missing"),
    "contents of no extent": ([(TABLE, 'contents = { below = "Q", of = "x" }')], "table: contents: Q is no extent of the operation"),
    "contents of a multiple": ([(TABLE, 'contents = { below = "2*T", of = "x" }')], "table: contents: T is no extent"),
    "contents with a bad bound": ([(TABLE, "contents = { at_least = -1 }")], "table: contents: extent '-1'"),
    "contents past 16 bits": ([(TABLE, 'contents = { below = 32768, of = "x" }')], "table: contents: 32768 is past 16 bits"),
    "contents unknown field": ([(TABLE, 'contents = { at_least = 0, above = 1 }')], "table: contents: unknown field above"),
    "contents within nothing": ([(TABLE, 'contents = { at_least = 0, within = "lengths" }')],
                                "table: contents: 'lengths' is no tensor of ascending offsets"),
    "contents within unbounded offsets": ([(INDPTR, "contents = { ascending = true, at_least = 0 }")],
                                          "table: contents: indptr must be at_least a number and at_most an extent"),
    "contents within an optional one": ([('{ name = "table", optional = true }', '"table"')],
                                        "table: contents: indptr is optional and table is not"),
    "owners of another extent": ([(LENGTHS, LENGTHS.replace("owners", "within")), (TABLE, TABLE.replace("within", "owners"))],
                                 "table: contents: indptr has not one entry more than table"),
    "ascending in two dimensions": ([('shape = "I"', 'shape = "I B"'), (TABLE, "contents = { ascending = true }")],
                                    "table: contents: only a tensor of one dimension ascends"),
    # Scalars
    "min above max": ([(FACTOR, FACTOR.replace("min = 0.0", "min = 1e31"))], OF_PLAIN + "factor: min 1e+31 is above max 1e+30"),
    "default outside": ([(FACTOR, FACTOR.replace("default = 1.0", "default = -1.0"))], "factor: default -1.0 is outside its range"),
    "default of another type": ([(FACTOR, FACTOR.replace("default = 1.0", 'default = "1"'))], "factor: default '1', expected a number"),
    "default no whole number": ([(COUNT, COUNT.replace("default = 0", "default = 0.5"))],
                                "count: default 0.5, expected a whole number"),
    "default a boolean": ([(COUNT, COUNT.replace("default = 0", "default = true"))], "count: default True, expected a whole number"),
    "range past f32": ([(FACTOR, FACTOR.replace("max = 1e30", "max = 1e39"))], "factor: max 1e+39 is outside f32"),
    "range past i64": ([(COUNT, COUNT.replace("default = 0", "default = 9223372036854775808"))],
                       "count: default 9223372036854775808 is outside i64"),
    "range past i32": ([(COUNT, 'kind = "i32"\nmax = 2147483648\n')], "count: max 2147483648 is outside i32"),
    "range below u64": ([(COUNT, 'kind = "u64"\nmin = -1\n')], "count: min -1 is outside u64"),
    "range past what double holds": ([(COUNT, COUNT + "max = 9007199254740993\n")], "count: max 9007199254740993 is above 2^53"),
    "range of a bool": ([(NEGATE, NEGATE + "max = 1\n")], "negate: a bool has no range of its own"),
    "default of a bool": ([(COUNT, 'kind = "bool"\ndefault = 2\n')], "count: default 2, expected true or false"),
    "default of an enumeration": ([(COUNT, 'kind = "enum"\nenum = "sample_way"\ndefault = "thrice"\n')],
                                  "count: default 'thrice' is no value of sample_way"),
    # Options
    "zero left out below": ([(LIMIT, LIMIT.replace("0.0", "0.5"))], "options: limit: 0 means the default, and its range leaves 0 out"),
    "zero left out above": ([(LIMIT, LIMIT.replace("min = 0.0", "max = -0.5"))], "options: limit: 0 means the default"),
    "a default that is not 0": ([(LIMIT, LIMIT + "default = 1.0\n")], "options: limit: an option's default is 0"),
    "a required tensor": ([(BIAS, BIAS.replace("optional = true\n", ""))], "options: bias: a tensor among the options is optional"),
    "a tensor that is written": ([(BIAS, BIAS.replace('"in"', '"out"'))], "options: bias: a tensor among the options is optional"),
    "no value is 0": ([(VALUES, 'values = [{ name = "twice", value = 1, doc = "Doubles it." }]')],
                      "options: way: no value of sample_way is 0"),
    # Enumerations
    "unknown enumeration": ([(WAY, WAY.replace("sample_way", "any_way"))], "the family has no enumeration 'any_way'"),
    "a value twice": ([(VALUES, VALUES.replace("value = 1", "value = 0"))], "enumeration sample_way: two values are the same"),
    "a gap": ([(VALUES, VALUES.replace("value = 1", "value = 2"))], "enumeration sample_way: values leave a gap"),
    "a wide value": ([(VALUES, VALUES.replace("value = 0", "value = 2147483647").replace("value = 1", "value = 2147483648")),
                      (WAY, '[options.way]\nkind = "bool"\n'), (COUNT, 'kind = "enum"\nenum = "sample_way"\n')],
                     "enumeration sample_way: values are 32 bits wide"),
    "a value no name": ([(VALUES, VALUES.replace('"twice"', '"2x"'))], "enumeration sample_way: value '2x' is no name"),
    "a value that is a keyword": ([(VALUES, VALUES.replace('"twice"', '"default"'))],
                                  "enumeration sample_way: value 'default' is no name"),
    "an unknown field of a value": ([(VALUES, VALUES.replace("value = 1,", "value = 1, note = 1,"))],
                                    "enumeration sample_way: twice: unknown field note"),
    "an empty text of a value": ([(VALUES, VALUES.replace('"Nothing."', '""'))], "enumeration sample_way: doc is empty"),
    # Kernels
    "no kernels": ([('[[kernels]]\n' + D, '[[kernels]]\ngroup = "d"\n' + D), ('[[kernels]]\nname = "any"', '[[kernels]]\ngroup = "d"\nname = "any"')],
                   OF_TABLE + "has no kernels"),
    "unknown group": ([('kernels = ["rows"]', 'kernels = ["row"]')], "no [[kernels]] of the family has group = 'row'"),
    "groups and tables": ([('kernels = ["rows"]', 'kernels = ["rows", {}]')],
                          "kernels: expected the names of groups, or tables of its own"),
    "a group of one operation": ([('kernels = ["rows"]', 'kernels = [{ group = "rows", name = "x" }]')],
                                 "a row of one operation belongs to no group"),
    "unknown field of a row": ([(WIDE, WIDE + "blocks = 1\n")], OF_PLAIN + "kernel wide: unknown field blocks"),
    "two rows of one name": ([(WIDE, 'name = "rows"\n')], OF_PLAIN + "two kernels are named rows"),
    "a row named cpu": ([(WIDE, 'name = "cpu"\n')], OF_PLAIN + "kernel cpu: cpu is the reference's name"),
    "a row with a bad name": ([(WIDE, 'name = "wide-rows"\n')], OF_PLAIN + "kernel wide-rows: 'wide-rows' is no name"),
    "too many threads": ([("threads = 256", "threads = 2048")], OF_PLAIN + "kernel wide: 2048 threads, expected 1 to 1024"),
    "threads no number": ([("threads = 256", "threads = true")], OF_PLAIN + "kernel wide: threads is a bool, expected int"),
    "no source": ([('"sample.hip"\nwhen = "p.vector', '"simple.hip"\nwhen = "p.vector')], "kernel wide: simple.hip does not exist"),
    "no body": ([('body = "gather_rows<$data, 0>(p)"\n', "")], OF_TABLE + "kernel any: body is missing"),
    "last row with a condition": ([('name = "any"\n', 'name = "any"\nwhen = "p.n > 0"\n')],
                                  OF_TABLE + "kernel any: the last row of main must take every call"),
    "last row with dtypes": ([('name = "any"\n', 'name = "any"\ndtypes = { data = ["f32"] }\n')],
                             OF_TABLE + "kernel any: the last row of main must take every call"),
    "last row with targets": ([('name = "any"\n', 'name = "any"\ntargets = ["gfx9"]\n')],
                              OF_TABLE + "kernel any: the last row of main must take every call"),
    "a last row too early": ([('when = "p.n == $d"\n', "")], OF_TABLE + "kernel d64: takes every call, so that any would never serve"),
    "no main stage": ([(D, D + 'stage = "later"\n'), ('name = "any"\n', 'name = "any"\nstage = "later"\n')],
                      OF_TABLE + "no kernel has the stage main"),
    "unknown field in a condition": ([("p.n <= 4096", "p.m <= 4096")], OF_PLAIN + "kernel wide: when: sample_params has no field m"),
    "unknown target": ([(WIDE, WIDE + 'targets = ["mi300"]\n')], "kernel wide: targets ['mi300']: expected"),
    "all targets and one": ([(WIDE, WIDE + 'targets = ["*", "gfx9"]\n')], "kernel wide: targets ['*', 'gfx9']: expected"),
    "targets no list": ([(WIDE, WIDE + 'targets = "*"\n')], "kernel wide: targets is a str, expected list"),
    "another's module": ([('module = "${op}_d$d"', 'module = "rows_d$d"')], "kernel d64: module 'rows_d64' does not begin with"),
    "a module of two operations": ([('body = "scale_rows<$data, $weight, $threads, 1>(p)"',
                                     'body = "scale_rows<$data, $weight, $threads, 1>(p)"\nmodule = "sample_plain"')],
                                   "sample_plus_one: kernel rows: module 'sample_plain' does not begin"),
    "dtypes of no variable": ([('dtypes = { data = ["f16"] }', 'dtypes = { date = ["f16"] }')],
                              "kernel wide: dtypes.date: the operation has no such variable"),
    "dtypes that are not allowed": ([('dtypes = { data = ["f16"] }', 'dtypes = { data = ["bf16"] }')],
                                    "kernel wide: dtypes.data: the contract does not allow bf16"),
    "resident of no dtype": ([('resident = { f32 = 2, "*" = 4 }', "resident = { bf16 = 2 }")],
                             "kernel wide: resident.bf16: no instance begins with that dtype"),
    "resident 0": ([('resident = { f32 = 2, "*" = 4 }', "resident = 0")], "kernel wide: resident.*: 0 blocks, expected 1 to 32"),
    "resident no number": ([('resident = { f32 = 2, "*" = 4 }', 'resident = "4"')], "kernel wide: resident is '4', expected a number"),
    "an edge of no extent": ([("edges = { N = [4096] }", "edges = { M = [4096] }")], "kernel wide: edges.M: no tensor has that extent"),
    "an edge of 0": ([("edges = { N = [4096] }", "edges = { N = [0] }")], "kernel wide: edges.N: 0, expected an extent of 1 or more"),
    "an edge no number": ([("edges = { N = [4096] }", 'edges = { N = ["4k"] }')], "kernel wide: edges.N: '4k', expected an extent"),
    "too many edges": ([("edges = { N = [4096] }", f"edges = {{ N = {list(range(1, 34))} }}")],
                       OF_PLAIN + "33 edges, max_edges in src/core/limits.h allows 32"),
    "tune with other keys": ([("tune = { each = 1, vector = 0 }", "tune = { each = 1 }")],
                             "kernel rows: tune has ['each'], wide has ['each', 'vector']: the same keys in the same order"),
    "tune out of order": ([("tune = { each = 1, vector = 0 }", "tune = { vector = 0, each = 1 }")],
                          "kernel rows: tune has ['vector', 'each'], wide has ['each', 'vector']"),
    "tune no number": ([("tune = { each = 1, vector = 0 }", 'tune = { each = "one", vector = 0 }')],
                       "kernel rows: tune.each is 'one', expected a 32-bit integer"),
    "tune a boolean": ([("tune = { each = 1, vector = 0 }", "tune = { each = 1, vector = false }")],
                       "kernel rows: tune.vector is False, expected a 32-bit integer"),
    "tune past 32 bits": ([("tune = { each = 1, vector = 0 }", "tune = { each = 2147483648, vector = 0 }")],
                          "kernel rows: tune.each is 2147483648, expected a 32-bit integer"),
    "neither measured nor guess": ([(ROWS_GUESS + "\n", "")], OF_PLAIN + "kernel rows: say either measured"),
    "both measured and guess": ([(MEASURED, MEASURED + '\nguess = "x"')], OF_PLAIN + "kernel wide: say either measured"),
    "an empty guess": ([(ROWS_GUESS, 'guess = ""')], OF_PLAIN + "kernel rows: guess is empty"),
    "measured without a device": ([(MEASURED, MEASURED.replace('device = "H200", ', ""))],
                                  OF_PLAIN + "kernel wide: measured: device is missing"),
    "measured some time": ([(MEASURED, MEASURED.replace("2026-11-21", '"last week"'))],
                           OF_PLAIN + "kernel wide: measured.date: expected a date"),
    "measured with more": ([(MEASURED, MEASURED.replace("what =", 'who = "me", what ='))],
                           OF_PLAIN + "kernel wide: measured: unknown field who"),
    # Groups
    "traits that differ": ([('name = "sample_table"\n', 'name = "sample_table"\nshares = "sample"\n')],
                           OF_TABLE + "traits [], sample_plain has ['form', 'bits', 'exact']"),
    "a trait that begins with a digit": ([('long = "weights as they are"', 'long = "weights as they are"\nword = "one"'),
                              ('long = "weights and 1"', 'long = "weights and 1"\nword = "1"'),
                              (TRAITS, 'traits = { form = "$form.word" }')], "traits.form '1': expected lower-case letters"),
    "a trait of two types": ([('name = "sample_table"\n', 'name = "sample_table"\nshares = "sample"\n' + TRAITS.replace("$form", "plain").replace("16", '"many"') + "\n"),
                              ('workspace = "4 bytes a request."\n', ""), ("p.n == $d", "p.n == $d && p.n")],
                             OF_PLAIN + "traits.bits: [16, 'many'], expected numbers, or texts, or booleans"),
    "an argument that nothing has": ([(OUTPUT, OUTPUT.replace("output", "outputs") + 'doc = "x"\n' + OUTPUT)], "[arguments.outputs]: no operation has it"),
    "an option that nothing has": ([(LIMIT, LIMIT.replace("limit", "limits") + 'doc = "x"\n' + LIMIT)], "[options.limits]: no operation has it"),
    "an enumeration that nothing has": ([("[enumerations.sample_way]", SECOND_ENUM + "[enumerations.sample_way]")],
                                        "[enumerations.other_way]: no operation has it"),
    "rows that nothing has": ([('group = "rows"\nname = "wide"', 'group = "wide"\nname = "wide"')],
                              'sample/family.toml: kernels: no operation has group = "wide"'),
    "a trait no name": ([(TRAITS, 'traits = { form = "$form form" }')], "traits.form 'plain form': expected lower-case letters"),
    "a trait of fractions": ([(TRAITS, "traits = { form = 0.5 }")], "traits.form: 0.5, expected a number of 32 bits"),
    "an argument of two kinds": ([('name = "sample_table"\n', 'name = "sample_table"\nshares = "sample"\n' + TRAITS.replace("$form", "plain") + "\n"),
                                  (TABLE_ARGS, 'args = ["output", "input", "indptr", "table", "lengths", { name = "factor", kind = "i32", min = 0, max = 9, default = 1 }]')],
                                 OF_TABLE + "factor is a i32, in sample_plain a f32: they share sample_args"),
    "a workspace of one": ([('name = "sample_table"\n', 'name = "sample_table"\nshares = "sample"\n' + TRAITS.replace("$form", "plain") + "\n"),
                            ("p.n == $d", "p.n == $d && p.n")],
                           "operations of sample either all have a workspace or none"),
    # Fields of the wrong form
    "operations no tables": ([("[dims]\n", "ops = [5]\n[dims]\n"), *NO_OPERATIONS], "sample/family.toml: ops has 5, expected tables"),
    "kernels no tables": ([("[dims]\n", "kernels = [5]\n[dims]\n"), *NO_ROWS], "sample/family.toml: kernels has 5, expected tables"),
    "errors no tables": ([('errors = [{ status = "INVALID_SHAPE", when = "N is 0" }]', "errors = [5]")],
                         OF_TABLE + "errors has 5, expected tables"),
    "values no tables": ([(VALUES, "values = [5]")], OF_PLAIN + "enumeration sample_way: values has 5, expected tables"),
    "each of lists": ([(EACH_FORM, 'each = { form = [["plain"]] }')], "each.form has ['plain'], expected texts or whole numbers"),
    "each of tables": ([(EACH_FORM, "each = { form = [{ a = 1 }] }")], "each.form has {'a': 1}, expected texts or whole numbers"),
    "each of lists in kernels": ([("each = { d = [64, 128] }", "each = { d = [[64], 128] }")],
                                 OF_TABLE + "each.d has [64], expected texts or whole numbers"),
    "a group that is a list": ([('group = "rows"\nname = "wide"', 'group = ["x"]\nname = "wide"')],
                               "sample/family.toml: kernels: group is a list, expected str"),
    "dtypes of a row no texts": ([('dtypes = { data = ["f16"] }', "dtypes = { data = [5] }")],
                                 OF_PLAIN + "kernel wide: dtypes: data has 5, expected texts"),
    "dtypes of a row in lists": ([('dtypes = { data = ["f16"] }', 'dtypes = { data = [["f16"]] }')],
                                 OF_PLAIN + "kernel wide: dtypes: data has ['f16'], expected texts"),
    "ascending in any shape": ([('shape = "B+1"\n', 'shape = "..."\n')],
                               OF_TABLE + "indptr: contents: only a tensor of one dimension ascends"),
    "owners in any shape": ([('[arguments.lengths]\nkind = "in"\ndtype = "index"\nshape = "B"',
                              '[arguments.lengths]\nkind = "in"\ndtype = "index"\nshape = "..."')],
                            OF_TABLE + "lengths: contents: only a tensor of one dimension has owners"),
    "a text of spaces": ([('summary = "Rows by a table."', 'summary = "   "')], OF_TABLE + "summary is empty"),
    "a group with a bad name": ([('name = "sample_table"\n', 'name = "sample_table"\nshares = "("\n')],
                                OF_TABLE + "shares '(': expected lower-case letters"),
    "since no version": ([('since = "0.1"', 'since = "soon"')], OF_PLAIN + "since 'soon', expected a version"),
    # What nothing refers to, or what refers to what is not expanded
    "a dim that nothing has": ([("[dims]\n", '[dims]\nQ = "x"\n')], "sample/family.toml: [dims]: Q: no operation has it"),
    "a dim of its own that no tensor has": ([('workspace = "4 bytes', 'dims = { Q = "x" }\nworkspace = "4 bytes')],
                                            OF_TABLE + "dims: Q: no tensor has it"),
    "dtypes that nothing has": ([("[dtypes]\n", '[dtypes]\nreal = ["f32"]\n')], "sample/family.toml: [dtypes]: real: no operation has it"),
    "dtypes of its own that no tensor has": ([('workspace = "4 bytes', 'dtypes = { real = ["f32"] }\nworkspace = "4 bytes')],
                                             OF_TABLE + "dtypes: real: no tensor has it"),
    "a text that nothing has": ([("[texts]\n", '[texts]\nother = "x"\n')], "sample/family.toml: [texts]: other: nothing refers to it"),
    "an axis that nothing has": ([("[texts]\n", "[axes.size.large]\n[texts]\n")], "[axes.size.large]: no operation has it"),
    "a value of an axis that nothing has": ([("[texts]\n", "[axes.form.plus_two]\n[texts]\n")], "[axes.form.plus_two]: no operation has it"),
    "a text of an axis that nothing has": ([('long = "weights and 1"', 'long = "weights and 1"\nshort = "1"')],
                                           "[axes.form.plus_one]: short: nothing refers to it"),
    "a text in a text": ([('rounding = "one rounding to the dtype"', 'rounding = "one $way"\nway = "rounding"')],
                         "sample/family.toml: [texts.rounding]: $way in 'one $way': a shared text refers to no other"),
    "a text in an axis": ([('long = "weights and 1"', 'long = "weights, $rounding"')],
                          "[axes.form.plus_one.long]: $rounding in 'weights, $rounding': a shared text refers to no other"),
    **{f"a word named {word}": ([('words = { form = "$form" }', f'words = {{ {word} = "x" }}')],
                                OF_PLAIN + f"words: {word}: ${word} is something else in kernels")
       for word in ("op", "row", "threads", "tune", "data")},
    "each named row": ([('name = "d$d"\neach = { d =', 'name = "d$row"\neach = { row =')],
                       OF_TABLE + "kernels: each: row: $row is something else in kernels"),
    "a text named as dtypes": ([("numerics = \"fp32, $rounding.\"", "numerics = \"fp32, $weight.\""), ("rounding = \"one", "weight = \"one")],
                               OF_PLAIN + "[texts] and [axes]: weight: $weight is something else in kernels"),
    # Names that generated code has
    **{f"an argument named {name}": (renamed(name), OF_TABLE + f"{name}: the name is taken")
       for name in ("entry", "guard", "fail", "ctypes", "struct_size", "view", "size_t", "check_range", "enum_value", "empty_like",
                    "hipinfer_tensor", "sample_table_table", "sample_table_launch", "input_raw")},
    **{f"an operation named {name}": (operation(name), f"{name}: the name is taken: hipinfer has it already")
       for name in ("tensor", "status", "context_create", "zeros", "last_kernel", "pointer")},
    **{f"an enumeration named {name}": (enumeration(name), f"enumeration {name}: the name is taken: hipinfer has it already")
       for name in ("dtype", "status", "view", "call", "fail")},
    "an enumeration named as generated types": (enumeration("sample_args"),
                                                "sample_args: the name of the enumeration sample_args is that of the args of sample, too"),
    "an enumeration named as a trait": (enumeration("sample_form"), "sample_form: the name of the enumeration sample_form is that of"),
    "two values of one constant": ([("[enumerations.sample_way]", '[enumerations.sample]\ndoc = "Ways."\nvalues = '
                                     '[{ name = "way_none", value = 0, doc = "Nothing." }]\n[enumerations.sample_way]'),
                                    (NEGATE, '[options.negate]\nkind = "enum"\nenum = "sample"\n')],
                                   "HIPINFER_SAMPLE_WAY_NONE: the name of way_none of sample is that of none of sample_way, too"),
    "values that differ by _": ([(VALUES, VALUES.replace("none", "twi_ce"))], "enumeration sample_way: two values are the same without _"),
    **{f"a trait named {name}": (trait(name), OF_PLAIN + f"the trait {name}: sample_{name} is something else")
       for name in ("args", "traits", "params", "tune", "launch", "reference", "workspace")},
    "tune that is a keyword": ([("tune = { each = 1, vector = 0 }", "tune = { each = 1, register = 0 }"),
                                ("tune = { each = 2, vector = 1 }", "tune = { each = 2, register = 1 }")],
                               OF_PLAIN + "kernel wide: tune 'register' is a keyword"),
    # Texts and pieces of C++
    "a carriage return": ([('summary = "Rows by a table."', 'summary = "Rows\\rby"')], "has the control character '\\r'"),
    "a bell in contents": ([('of = "rows of input"', 'of = "rows\\u0007"')], "has the control character '\\x07'"),
    "contents of two lines": ([('of = "rows of input"', 'of = "rows\\nof"')], OF_TABLE + "table: contents: of: 'rows\\nof': one line"),
    "a backslash of Python": ([('doc = "Doubles it."', "doc = 'Doubles \\d.'")], "enumeration sample_way.twice: a text of Python"),
    "a quote at the end": ([('doc = "Ways."', "doc = 'Say \"ways\"'")], "enumeration sample_way: a text of Python"),
    "a condition left open": (when("(p.n > 1"), NO_PARTNER + "'(p.n > 1': ) is missing"),
    "a condition closed twice": (when("p.n > 1)"), NO_PARTNER + "'p.n > 1)': ) has no partner"),
    "a condition with a quote": (when('p.n > "'), NO_PARTNER),
    "a pointer in a condition": (when("p->n > 1"), NO_PARTNER + "'p->n > 1' has ->"),
    "a comment in a condition": (when("p.n > 1 // rows"), NO_PARTNER + "'p.n > 1 // rows': one line of C++ without comments"),
    "two statements in a condition": (when("true; p.n > 1"), NO_PARTNER + "'true; p.n > 1' has ;"),
    "a body left open": (body("gather_rows<$data, 0>(p"), OF_TABLE + "kernel any: body: 'gather_rows<{data}, 0>(p': ) is missing"),
    "a body closed by another": (body("gather_rows<$data>([p)]"), OF_TABLE + "kernel any: body: "),
    "a comment in a body": (body("gather_rows<$data>(p) /* all"), OF_TABLE + "kernel any: body: "),
    # Against sense
    "a source elsewhere": ([('source = "sample.hip"\nwhen = "p.vector', 'source = "../sample/sample.hip"\nwhen = "p.vector')],
                           OF_PLAIN + "kernel wide: source '../sample/sample.hip': expected a .hip or .h file"),
    "a source that is no kernel": ([('source = "sample.hip"\nwhen = "p.vector', 'source = "family.toml"\nwhen = "p.vector')],
                                   OF_PLAIN + "kernel wide: source 'family.toml': expected a .hip or .h file"),
    "a misspelt target": ([(WIDE, WIDE + 'targets = ["gfx492"]\n')], "kernel wide: targets ['gfx492']: expected"),
    "a misspelt stage": ([(D, D + 'stage = "mian"\n')], OF_TABLE + "no launch.cpp of the family runs the stage mian"),
    "contents of no number": ([(TABLE, 'contents = { at_least = 5, below = 3, of = "x" }')],
                              OF_TABLE + "table: contents: no number is at least 5 and below 3"),
    "contents of no number but one": ([(TABLE, 'contents = { at_least = 3, below = 3, of = "x" }')],
                                      OF_TABLE + "table: contents: no number is at least 3 and below 3"),
    "contents above their extent": ([(TABLE, 'contents = { at_least = "T+2", at_most = "T+1", of = "x" }')],
                                    OF_TABLE + "table: contents: no number is at least 2 and at most 1 more than T"),
    "measured on no day": ([(MEASURED, MEASURED.replace("2026-11-21", '"2026-99-99"'))],
                           OF_PLAIN + "kernel wide: measured.date: expected a date"),
    "an edge twice": ([("edges = { N = [4096] }", "edges = { N = [4096, 4096] }")],
                      OF_PLAIN + "kernel wide: edges.N: an extent is there twice"),
    "an output after an input": ([('args = [{ name = "output", alias = ["input"] }, "input",', 'args = ["input", { name = "output", alias = ["input"] },')],
                                 OF_PLAIN + "args: output comes after input: outputs first"),
    "an alias twice": ([('alias = ["input"]', 'alias = ["input", "input"]')], OF_PLAIN + "output: alias: a tensor is there twice"),
    "an input that is two outputs": ([('alias = ["input"] }', 'alias = ["input"] }, { name = "second", kind = "out", dtype = "data", '
                                       'shape = "T N", alias = ["input"], doc = "Another." }'),
                                      (ALIASING, ALIASING.replace("strides;", "strides; second may be input;"))],
                                     OF_PLAIN + "input: may be the memory of output and of second"),
    "dtypes of a row twice": ([('dtypes = { data = ["f16"] }', 'dtypes = { data = ["f16", "f16"] }')],
                              OF_PLAIN + "kernel wide: dtypes.data: a dtype is there twice"),
    "no output": ([(TABLE_ARGS, TABLE_ARGS.replace('{ name = "output", optional = true }, ', ""))],
                  OF_TABLE + "args: no tensor is written"),
    "an optional output in place of a required input": ([('{ name = "output", alias = ["input"] }', '{ name = "output", alias = ["input"], optional = true }')],
                                                        OF_PLAIN + "output: is optional and may be input, which is not"),
}


def test_the_sample_itself_is_accepted(tmp_path):
    assert [op.name for op in sample.operations(tmp_path)] == ["sample_plain", "sample_plus_one", "sample_table"]


@pytest.mark.parametrize("case", CASES)
def test_refused(case, tmp_path):
    edits, message = CASES[case]
    with pytest.raises(sample.model.ContractError) as caught:
        sample.families(tmp_path, text=changed(*edits), params=PARAMS + STRUCTS)
    assert message in str(caught.value)
    assert str(caught.value).startswith("sample/family.toml")


def test_one_enumeration_has_one_meaning(tmp_path):
    """Two families may have an enumeration of one name, if it says the same."""
    sample.folder(tmp_path)
    second = FAMILY.replace("sample_$", "second_$").replace("sample_table", "second_table").replace('"sample"', '"second"')
    other = tmp_path / "ops/second"
    other.mkdir()
    (other / "params.h").write_text(PARAMS.replace("sample", "second"))
    (other / "sample.hip").write_text("")
    (other / "family.toml").write_text(second)
    assert len(sample.read.read_all(tmp_path / "ops")) == 2
    (other / "family.toml").write_text(second.replace('"Doubles it."', '"Halves it."'))
    with pytest.raises(sample.model.ContractError, match="second_plain: enumeration sample_way has another meaning in sample/"):
        sample.read.read_all(tmp_path / "ops")
    (other / "family.toml").write_text(second.replace('shares = "second"', 'shares = "sample"'))
    (other / "params.h").write_text(PARAMS + PARAMS.replace("sample", "second"))
    with pytest.raises(sample.model.ContractError, match="shares = 'sample' is the name of something else"):
        sample.read.read_all(tmp_path / "ops")


def many(kind: str, count: int) -> str:
    """The sample with an operation more, of so many tensors, symbols or dtype variables: those of output and input, and others."""
    more = count - {"tensors": 2, "symbols": 2, "dtype variables": 1}[kind]
    symbols = [f"D{i}" for i in range(more)] if kind == "symbols" else []
    shapes = [" ".join(symbols[i:i + 5]) for i in range(0, more, 5)] if kind == "symbols" else ["N"] * more
    variables = [f"v{i}" if kind == "dtype variables" else "data" for i in range(len(shapes))]
    arguments = "".join(f'[arguments.x{i}]\nkind = "in"\ndtype = "{v}"\nshape = "{s}"\ndoc = "One."\n'
                        for i, (v, s) in enumerate(zip(variables, shapes)))
    dims = "".join(f'{s} = "an extent"\n' for s in symbols)
    dtypes = "".join(f'{v} = ["f32"]\n' for v in variables if v != "data")
    listed = ", ".join(["output", "input", *(f"x{i}" for i in range(len(shapes)))]).replace(", ", '", "')
    text = changed(("[dims]\n", "[dims]\n" + dims), ("[dtypes]\n", "[dtypes]\n" + dtypes),
                   ("[arguments.output]", arguments + "[arguments.output]"))
    return text + (f'[[ops]]\nname = "sample_many"\nsummary = "S."\nformula = "F"\nnumerics = "N."\naliasing = "none."\n'
                   f'source = "This test."\nargs = ["{listed}"]\nkernels = ["many"]\n[[kernels]]\ngroup = "many"\nname = "any"\n'
                   'source = "sample.hip"\nthreads = 64\nbody = "many<$data>(p)"\nguess = "Any."\n')


@pytest.mark.parametrize("kind, constant", [("tensors", "max_tensors"), ("symbols", "max_symbols"), ("dtype variables", "max_dtypes")])
def test_limits_are_those_of_limits_h(kind, constant, tmp_path):
    """The constant is read from src/core/limits.h: that many are accepted, one more is not."""
    most = sample.check.limit(constant)
    sample.families(tmp_path, text=many(kind, most), params=PARAMS + STRUCTS)
    with pytest.raises(sample.model.ContractError) as caught:
        sample.families(tmp_path, text=many(kind, most + 1), params=PARAMS + STRUCTS)
    assert f"sample_many: {most + 1} " in str(caught.value)
    assert f"{constant} in src/core/limits.h allows {most}" in str(caught.value)


def test_limits_h_is_their_only_source(tmp_path, monkeypatch):
    """With another limits.h both the refusal and the tests' registry follow it."""
    core = tmp_path / "src/core"
    core.mkdir(parents=True)
    text = (sample.ROOT / "src/core/limits.h").read_text()
    (core / "limits.h").write_text(text.replace("max_tensors = 16", "max_tensors = 17").replace("max_edges = 32", "max_edges = 3"))
    (tmp_path / "include").symlink_to(sample.ROOT / "include")
    monkeypatch.setattr(sample.check, "ROOT", tmp_path)
    ops = sample.operations(tmp_path, text=many("tensors", 17), params=PARAMS + STRUCTS)
    registry = sample.host.test_registry(ops)
    assert "registered_tensor tensors[17];" in registry and "registered_edge edges[3];" in registry
    with pytest.raises(sample.model.ContractError, match="4 edges, max_edges in src/core/limits.h allows 3"):
        sample.families(tmp_path, text=changed(("edges = { N = [4096] }", "edges = { N = [1, 2, 3, 4] }")))
    (core / "limits.h").write_text("")
    with pytest.raises(sample.model.ContractError, match="src/core/limits.h has no max_"):
        sample.families(tmp_path)


def test_no_more_than_255_alternatives(tmp_path):
    """Their number is 8 bits wide. Ranks tell them apart, so a contract of 256 also has too many dimensions."""
    op = sample.operations(tmp_path)[0]
    tensor = next(a for a in op.tensors if a.name == "input")
    tensor.shapes = [[sample.model.Dim.parse("N")]] * 256
    with pytest.raises(sample.model.ContractError, match="input: 256 alternative shapes, at most 255 are possible"):
        sample.check.check_tensor(op, tensor)


PARAMS_CASES = {
    "no struct": (PARAMS.replace("sample_table_params", "other_params"), "sample/params.h: no struct sample_table_params"),
    "what it cannot read": (PARAMS.replace("int64_t rows;", "std::vector<int> rows;"),
                            "sample/params.h: cannot read 'std::vector<int> rows'; write `type name;`"),
    "a field that a condition needs": (PARAMS.replace("int32_t vector;", "int32_t vectors;"), "sample_params has no field vector"),
}


@pytest.mark.parametrize("case", PARAMS_CASES)
def test_parameter_structs(case, tmp_path):
    params, message = PARAMS_CASES[case]
    with pytest.raises(sample.model.ContractError) as caught:
        sample.families(tmp_path, params=params)
    assert message in str(caught.value)


def test_a_family_without_parameters(tmp_path):
    (sample.folder(tmp_path) / "sample/params.h").unlink()
    with pytest.raises(sample.model.ContractError, match=re.escape("sample/params.h does not exist")):
        sample.read.read_all(tmp_path / "ops")


@pytest.mark.parametrize("name", ["family.toml", "params.h", "tune/gfx942.toml"])
def test_files_are_utf_8(name, tmp_path):
    folder = sample.folder(tmp_path, tune={"gfx942.toml": TUNE})
    (folder / "sample" / name).write_bytes((folder / "sample" / name).read_bytes() + b"# \xff\n")
    with pytest.raises(sample.model.ContractError, match=f"^sample/{name}: is not UTF-8: "):
        sample.read.read_all(folder)


def test_a_stage_that_the_launch_runs(tmp_path):
    """A later stage is accepted where a launch of the family names it, and must end with a row for every call."""
    text = changed((D, D + 'stage = "later"\n'))
    folder = sample.folder(tmp_path, text)
    (folder / "sample/launch.cpp").write_text('c.run<sample_table_tune>(p, grid_of, "later");\n')
    with pytest.raises(sample.model.ContractError, match="kernel d128: the last row of later must take every call"):
        sample.read.read_all(folder)
    (folder / "sample/family.toml").write_text(text.replace('when = "p.n == $d"\n', "").replace("[64, 128]", "[64]"))
    assert sample.read.read_all(folder)[0].ops[-1].stages == ["later", "main"]


@pytest.mark.parametrize("text", ["p.n > 16'384", "p.n == ')'", "(p.n > 1) && p.vector"])
def test_conditions_that_cpp_holds(text, tmp_path):
    (edit,) = when("x")
    (op, *_) = sample.operations(tmp_path, text=changed((edit[0], f'when = "{text}"')))
    assert op.kernels[0].when == text


def test_a_whole_bound_of_a_float_is_a_float_of_cpp(tmp_path):
    """10^30 is no integer of C++."""
    ops = sample.operations(tmp_path, text=changed((FACTOR, FACTOR.replace("max = 1e30", f"max = {10**30}"))))
    assert '"factor", static_cast<double>(factor), 0.0, 1e+30);' in "".join(sample.host.checks(ops[0], ops[0].args, ""))


def test_what_entry_points_name_is_taken(tmp_path):
    """An argument could hide each name that an entry point uses, so check.py has all of them."""
    found = set()
    for op in sample.operations(tmp_path):
        text = "".join(sample.host.entry_point(op, query) for query in (False, True)[:1 + bool(op.workspace)])
        text = re.sub(r'"[^"]*"', "", text)
        names = set(re.findall(r"(?<![\w.:])[a-z]\w*", text)) - {a.name for a in op.args + op.options}
        found |= {n for n in names if not n.startswith(("hipinfer_", f"{op.name}_", f"{op.shares}_"))}
    assert {"entry", "guard", "given_options", "needed", "e", "a", "p"} <= found
    assert found <= sample.check.TAKEN | sample.check.KEYWORDS


def test_names_of_two_operations_in_c(tmp_path):
    """hipinfer_sample_table_workspace_bytes is a function already."""
    name = "sample_table_workspace_bytes"
    text = changed(('name = "sample_${form}"', 'name = "${form.name}"'), ('long = "weights as they are"', f'long = "x"\nname = "{name}"'),
                   ('long = "weights and 1"', 'long = "y"\nname = "sample_plus_one"'))
    with pytest.raises(sample.model.ContractError, match=f"hipinfer_{name}: the name of the workspace of sample_table is that of"):
        sample.families(tmp_path, text=text)


TUNE = '[[tune]]\nkernel = "*/wide"\nnumbers = { each = 4, vector = 1 }\nguess = "Twice as much."\n'
TUNE_CASES = {
    "not TOML": ("gfx942.toml", "tune", "sample/tune/gfx942.toml: "),
    "no kernel": ("gfx942.toml", TUNE.replace("*/wide", "*/narrow"), "there is no kernel */narrow"),
    "another operation's kernel": ("gfx942.toml", TUNE.replace("*/wide", "sample_table/wide"), "there is no kernel sample_table/wide"),
    "other keys": ("gfx942.toml", TUNE.replace("vector", "width"), "*/wide: numbers ['each', 'width'], expected ['each', 'vector']"),
    "out of order": ("gfx942.toml", TUNE.replace("each = 4, vector = 1", "vector = 1, each = 4"), "numbers ['vector', 'each'], expected"),
    "no number": ("gfx942.toml", TUNE.replace("each = 4", "each = 4.5"), "kernel wide: each is 4.5 for a target, expected a 32-bit"),
    "no reason": ("gfx942.toml", TUNE.replace('guess = "Twice as much."\n', ""), "*/wide: say either measured"),
    "an unknown field": ("gfx942.toml", TUNE + "threads = 64\n", "*/wide: unknown field threads"),
    "no tables": ("gfx942.toml", "tune = [5]", "sample/tune/gfx942.toml: tune has 5, expected tables"),
    "no target that is known": ("gfx492.toml", TUNE, "tune/gfx492.toml: there is no target gfx492"),
    "a control character": ("gfx942.toml", TUNE.replace("much.", "much.\\u001b"), "has the control character '\\x1b'"),
    "an unknown table": ("gfx942.toml", TUNE + '[other]\nx = 1\n', "unknown field other"),
    "twice": ("gfx942.toml", TUNE + TUNE, "*/wide: has numbers twice"),
    "no target": ("mi300.toml", TUNE, "tune/mi300.toml: there is no target mi300"),
}


@pytest.mark.parametrize("case", TUNE_CASES)
def test_tuning(case, tmp_path):
    name, text, message = TUNE_CASES[case]
    with pytest.raises(sample.model.ContractError) as caught:
        sample.families(tmp_path, tune={name: text})
    assert message in str(caught.value)


def test_numbers_of_a_target(tmp_path):
    ops = sample.operations(tmp_path, tune={"gfx942.toml": TUNE, "gfx950.toml": TUNE.replace("each = 4", "each = 8")})
    wide = ops[0].kernels[0]
    assert wide.tuned == {"gfx942": {"each": 4, "vector": 1}, "gfx950": {"each": 8, "vector": 1}}
    lines, table = sample.host.tuning(ops[0], wide)
    assert table == "tunings_wide"
    assert lines[0] == "constexpr sample_tune tune_wide_gfx942{.each = 4, .vector = 1};"
    # What serves every target comes last.
    assert lines[-1].endswith('{.target = "gfx950", .numbers = &tune_wide_gfx950}, {.target = "", .numbers = &tune_wide}};')


def test_a_target_that_hides_another(tmp_path):
    with pytest.raises(sample.model.ContractError, match="tune/gfx9.toml also serves gfx942, whose numbers would never be read"):
        sample.families(tmp_path, tune={"gfx9.toml": TUNE, "gfx942.toml": TUNE})
