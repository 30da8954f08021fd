namespace DevCluster.Schema.Tests.Cel;

/// <summary>
/// Expressions and what the real API makes of them as rules: true, false, an error of evaluation, or why they are
/// refused. Recorded from kube-apiserver 1.36.2.
/// </summary>
internal static class ExpressionCases
{
    public const string Spec =
        """{"type":"object","properties":{"s":{"type":"string","maxLength":50},"s2":{"type":"string","maxLength":50},"i":{"type":"integer"},"j":{"type":"integer"},"n":{"type":"number"},"b":{"type":"boolean"},"ios":{"x-kubernetes-int-or-string":true,"maxLength":20},"ios2":{"x-kubernetes-int-or-string":true,"maxLength":20},"ls":{"type":"array","items":{"type":"string","maxLength":50},"maxItems":10},"li":{"type":"array","items":{"type":"integer"},"maxItems":10},"ln":{"type":"array","items":{"type":"number"},"maxItems":10},"lo":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","maxLength":50},"b":{"type":"integer"}}},"maxItems":10},"m":{"type":"object","additionalProperties":{"type":"string","maxLength":50},"maxProperties":10},"mi":{"type":"object","additionalProperties":{"type":"integer"},"maxProperties":10},"mo":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"string","maxLength":50}}},"maxProperties":10},"o":{"type":"object","properties":{"a":{"type":"string","maxLength":50},"b":{"type":"integer"},"c":{"type":"object","properties":{"d":{"type":"string","maxLength":50}}}}},"o2":{"type":"object","properties":{"a":{"type":"string","maxLength":50},"b":{"type":"integer"},"c":{"type":"object","properties":{"d":{"type":"string","maxLength":50}}}}},"dur":{"type":"string","format":"duration"},"ts":{"type":"string","format":"date-time"},"d":{"type":"string","format":"date"},"by":{"type":"string","format":"byte","maxLength":50},"nul":{"type":"string","nullable":true,"maxLength":50},"namespace":{"type":"string","maxLength":50},"st":{"type":"array","items":{"type":"string","maxLength":50},"maxItems":10,"x-kubernetes-list-type":"set"},"st2":{"type":"array","items":{"type":"string","maxLength":50},"maxItems":10,"x-kubernetes-list-type":"set"},"lm":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string","maxLength":50},"v":{"type":"integer"}},"required":["k"]},"maxItems":10,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]},"lm2":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string","maxLength":50},"v":{"type":"integer"}},"required":["k"]},"maxItems":10,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]},"en":{"type":"string","enum":["aa","b"]},"cidr":{"type":"string","maxLength":50},"ip":{"type":"string","maxLength":50},"keep":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"string","maxLength":50}}},"emb":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},"u":{"x-kubernetes-preserve-unknown-fields":true},"abs":{"type":"string","maxLength":50},"a-b":{"type":"string","maxLength":50},"a.b":{"type":"string","maxLength":50},"a/b":{"type":"string","maxLength":50},"a__b":{"type":"string","maxLength":50},"for":{"type":"string","maxLength":50},"$x":{"type":"string","maxLength":50},"1x":{"type":"string","maxLength":50},"é":{"type":"string","maxLength":50},"_u":{"type":"string","maxLength":50}}}""";

    public const string Object =
        """{"s":"hello","s2":"héllo😀","i":5,"j":-3,"n":1.5,"b":true,"ios":5,"ios2":"50%","ls":["a","b","c"],"li":[3,1,2],"ln":[1,2.5],"lo":[{"a":"x","b":1},{"a":"y"}],"m":{"k":"v","k2":"v2"},"mi":{"x":1,"y":2},"mo":{"p":{"a":"q"}},"o":{"a":"x","b":2,"c":{"d":"e"}},"o2":{"a":"x","b":2,"c":{"d":"e"}},"dur":"1h30m","ts":"2024-02-29T12:34:56.789Z","d":"2024-02-29","by":"aGVsbG8=","nul":null,"namespace":"ns","st":["a","b"],"st2":["b","a"],"lm":[{"k":"1","v":1},{"k":"2","v":2}],"lm2":[{"k":"2","v":2},{"k":"1","v":1}],"en":"aa","cidr":"10.1.0.0/16","ip":"10.1.2.3","keep":{"a":"z","q":1},"emb":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"pp"}},"u":{"x":1},"a-b":"1","a.b":"2","a/b":"3","a__b":"4","for":"5","$x":"6","1x":"7","é":"8","_u":"9"}""";

    public static TheoryData<string, string> All { get; } = new()
    {
        { "self.s == 'hello'", "true" },
        { "self.s == \"hellp\"", "false" },
        { "self.x == 1", "refused: compilation failed: ERROR: <input>:1:5: undefined field 'x'\n | self.x == 1\n | "
            + "....^" },
        { "self.s.x", "refused: compilation failed: ERROR: <input>:1:7: type 'string' does not support field "
            + "selection\n | self.s.x\n | ......^" },
        { "x", "refused: compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n "
            + "| ^" },
        { "self.s + 1 == 'a'", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for '_+_' "
            + "applied to '(string, int)'\n | self.s + 1 == 'a'\n | .......^" },
        { "self.s == 1", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' "
            + "applied to '(string, int)'\n | self.s == 1\n | .......^" },
        { "self.i == 5.0", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' "
            + "applied to '(int, double)'\n | self.i == 5.0\n | .......^" },
        { "self.i < 5.5", "true" },
        { "self.n > 1", "true" },
        { "self.n == 1.5", "true" },
        { "self.i + self.j == 2", "true" },
        { "self.i / 0 == 1", "error: division by zero" },
        { "self.i % 0 == 1", "error: modulus by zero" },
        { "self.i * 9223372036854775807 > 0", "error: integer overflow" },
        { "-self.j == 3", "true" },
        { "!self.b", "false" },
        { "!!self.b", "true" },
        { "- -self.i == 5", "true" },
        { "self.b && self.i / 0 == 1", "error: division by zero" },
        { "self.i / 0 == 1 || self.b", "true" },
        { "self.i / 0 == 1 || !self.b", "error: division by zero" },
        { "self.i / 0 == 1 && !self.b", "false" },
        { "self.b ? self.i == 5 : self.i / 0 == 1", "true" },
        { "self.i ? true : false", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for "
            + "'_?_:_' applied to '(int, bool, bool)'\n | self.i ? true : false\n | .......^" },
        { "self.b ? 1 : 'a'", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for '_?_:_' "
            + "applied to '(bool, int, string)'\n | self.b ? 1 : 'a'\n | .......^" },
        { "has(self.s)", "true" },
        { "has(self.nul)", "false" },
        { "has(self.missing)", "refused: compilation failed: ERROR: <input>:1:4: undefined field 'missing'\n | "
            + "has(self.missing)\n | ...^" },
        { "has(self.o.c.d)", "true" },
        { "has(self.s.x)", "refused: compilation failed: ERROR: <input>:1:4: type 'string' does not support field "
            + "selection\n | has(self.s.x)\n | ...^" },
        { "has(self)", "refused: compilation failed: ERROR: <input>:1:5: invalid argument to has() macro\n | "
            + "has(self)\n | ....^" },
        { "has(self['s'])", "refused: compilation failed: ERROR: <input>:1:9: invalid argument to has() macro\n | "
            + "has(self['s'])\n | ........^" },
        { "self.nul == null", "refused: compilation failed: ERROR: <input>:1:10: found no matching overload for '_==_' "
            + "applied to '(string, null)'\n | self.nul == null\n | .........^" },
        { "self.s == null", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' "
            + "applied to '(string, null)'\n | self.s == null\n | .......^" },
        { "self.o == null", "false" },
        { "self.ls == null", "refused: compilation failed: ERROR: <input>:1:9: found no matching overload for '_==_' "
            + "applied to '(list(string), null)'\n | self.ls == null\n | ........^" },
        { "self.o.a == self.o2.a", "true" },
        { "self.ls == ['a','b','c']", "true" },
        { "self.ls == ['a','c','b']", "false" },
        { "self.st == self.st2", "true" },
        { "self.st == ['b','a']", "true" },
        { "['b','a'] == self.st", "false" },
        { "self.st + self.st2 == self.st", "true" },
        { "self.ls + ['d'] == ['a','b','c','d']", "true" },
        { "self.ls + [1] == []", "refused: compilation failed: ERROR: <input>:1:9: found no matching overload for "
            + "'_+_' applied to '(list(string), list(int))'\n | self.ls + [1] == []\n | ........^" },
        { "self.ls[0] == 'a'", "true" },
        { "self.ls[3] == 'a'", "error: index out of bounds: 3" },
        { "self.ls[-1] == 'a'", "error: index out of bounds: -1" },
        { "self.ls['a'] == 'a'", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for "
            + "'_[_]' applied to '(list(string), string)'\n | self.ls['a'] == 'a'\n | .......^" },
        { "self.ls[1.0] == 'a'", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for "
            + "'_[_]' applied to '(list(string), double)'\n | self.ls[1.0] == 'a'\n | .......^" },
        { "self.m['k'] == 'v'", "true" },
        { "self.m['zz'] == 'v'", "error: no such key: zz" },
        { "self.m.k == 'v'", "true" },
        { "self.m.zz == 'v'", "error: no such key: zz" },
        { "has(self.m.zz)", "false" },
        { "has(self.m.k)", "true" },
        { "'k' in self.m", "true" },
        { "1 in self.m", "refused: compilation failed: ERROR: <input>:1:3: found no matching overload for '@in' "
            + "applied to '(int, map(string, string))'\n | 1 in self.m\n | ..^" },
        { "'a' in self.ls", "true" },
        { "1 in self.ls", "refused: compilation failed: ERROR: <input>:1:3: found no matching overload for '@in' "
            + "applied to '(int, list(string))'\n | 1 in self.ls\n | ..^" },
        { "1 in self.li", "true" },
        { "self.ls.all(x, x != '')", "true" },
        { "self.ls.all(x, x == 1)", "refused: compilation failed: ERROR: <input>:1:18: found no matching overload for "
            + "'_==_' applied to '(string, int)'\n | self.ls.all(x, x == 1)\n | .................^" },
        { "self.ls.exists(x, x == 'b')", "true" },
        { "self.ls.exists_one(x, x == 'b')", "true" },
        { "self.ls.existsOne(x, x == 'b')", "refused: compilation failed: ERROR: <input>:1:18: undeclared reference to "
            + "'existsOne' (in container '')\n | self.ls.existsOne(x, x == 'b')\n | .................^\nERROR: "
                + "<input>:1:19: undeclared reference to 'x' (in container '')\n | self.ls.existsOne(x, x == 'b')\n | "
                    + "..................^\nERROR: <input>:1:22: undeclared reference to 'x' (in container '')\n | "
                        + "self.ls.existsOne(x, x == 'b')\n | .....................^" },
        { "self.ls.map(x, x + x) == ['aa','bb','cc']", "true" },
        { "self.ls.map(x, x != 'a', x + x) == ['bb','cc']", "true" },
        { "self.ls.filter(x, x != 'a') == ['b','c']", "true" },
        { "self.m.all(k, k.startsWith('k'))", "true" },
        { "self.m.map(k, self.m[k]).size() == 2", "true" },
        { "self.m.filter(k, k == 'k') == ['k']", "true" },
        { "self.s.all(x, true)", "refused: compilation failed: ERROR: <input>:1:5: expression of type 'string' cannot "
            + "be range of a comprehension (must be list, map, or dynamic)\n | self.s.all(x, true)\n | ....^" },
        { "self.ls.all(x.y, true)", "refused: compilation failed: ERROR: <input>:1:14: argument must be a simple "
            + "name\n | self.ls.all(x.y, true)\n | .............^" },
        { "self.ls.all(1, true)", "refused: compilation failed: ERROR: <input>:1:13: argument must be a simple name\n "
            + "| self.ls.all(1, true)\n | ............^" },
        { "self.ls.all(x, x)", "refused: compilation failed: ERROR: <input>:1:16: expected type 'bool' but found "
            + "'string'\n | self.ls.all(x, x)\n | ...............^" },
        { "self.lo.all(x, has(x.b))", "false" },
        { "self.lo.all(x, x.b > 0)", "error: no such key: b" },
        { "self.lo.exists(x, x.b > 0)", "true" },
        { "self.lo.exists(x, x.b > 5)", "error: no such key: b" },
        { "self.li.all(x, 10 / (x - 1) > 0)", "error: division by zero" },
        { "self.li.exists(x, 10 / (x - 1) == 5)", "true" },
        { "size(self.s) == 5", "true" },
        { "self.s2.size() == 6", "true" },
        { "size(self.ls) == 3", "true" },
        { "self.m.size() == 2", "true" },
        { "size(self.by) == 5", "true" },
        { "self.s.startsWith('he') && self.s.endsWith('lo') && self.s.contains('ell')", "true" },
        { "self.s.matches('^h.*o$')", "true" },
        { "self.s.matches('[')", "refused: compilation failed: ERROR: <input>:1:16: invalid matches argument\n | "
            + "self.s.matches('[')\n | ...............^" },
        { "self.s.matches('(?=a)')", "refused: compilation failed: ERROR: <input>:1:16: invalid matches argument\n | "
            + "self.s.matches('(?=a)')\n | ...............^" },
        { "self.s.matches(self.s2)", "false" },
        { "matches(self.s, 'h')", "true" },
        { "type(self.s) == string", "true" },
        { "type(self.ios) == int", "true" },
        { "type(self.ios2) == string", "true" },
        { "type(self.ios) == self.s", "refused: compilation failed: ERROR: <input>:1:16: found no matching overload "
            + "for '_==_' applied to '(type(dyn), string)'\n | type(self.ios) == self.s\n | ...............^" },
        { "self.ios > 3", "true" },
        { "self.ios2 > 3", "error: no such overload" },
        { "self.ios.startsWith('5')", "error: no such overload" },
        { "self.ios2.endsWith('%')", "true" },
        { "type(self.ios2) == int ? self.ios2 < 5 : int(self.ios2.replace('%','')) < 60", "true" },
        { "self.ios == '5'", "false" },
        { "self.ios == 5", "true" },
        { "self.ios + 1 == 6", "true" },
        { "self.ios.foo", "refused: cel expression must evaluate to a bool" },
        { "dyn(self.i) == 5.0", "true" },
        { "dyn(self.i) == 'x'", "false" },
        { "[1, 'a'] == []", "refused: compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'\n "
            + "| [1, 'a'] == []\n | ....^" },
        { "[1, 2.0].size() == 2", "refused: compilation failed: ERROR: <input>:1:5: expected type 'int' but found "
            + "'double'\n | [1, 2.0].size() == 2\n | ....^" },
        { "{'a': 1, 'b': 'c'}.size() == 2", "refused: compilation failed: ERROR: <input>:1:15: expected type 'int' but "
            + "found 'string'\n | {'a': 1, 'b': 'c'}.size() == 2\n | ..............^" },
        { "{'a': 1, 'a': 2}.size() == 1", "true" },
        { "{'a': 1}['a'] == 1", "true" },
        { "{1: 1}[1u] == 1", "refused: compilation failed: ERROR: <input>:1:7: found no matching overload for '_[_]' "
            + "applied to '(map(int, int), uint)'\n | {1: 1}[1u] == 1\n | ......^" },
        { "{}.size() == 0", "true" },
        { "[].size() == 0", "true" },
        { "self.__namespace__ == 'ns'", "true" },
        { "self.namespace == 'ns'", "true" },
        { "self.a__dash__b == '1'", "true" },
        { "self.a__dot__b == '2'", "true" },
        { "self.a__slash__b == '3'", "true" },
        { "self.a__underscores__b == '4'", "true" },
        { "self.__for__ == '5'", "true" },
        { "self.for == '5'", "true" },
        { "self.a-b == '1'", "refused: compilation failed: ERROR: <input>:1:5: undefined field 'a'\n | self.a-b == "
            + "'1'\n | ....^\nERROR: <input>:1:8: undeclared reference to 'b' (in container '')\n | self.a-b == '1'\n "
                + "| .......^" },
        { "self._u == '9'", "true" },
        { "self.`a-b` == '1'", "refused: compilation failed: ERROR: <input>:1:6: unsupported syntax: '`'\n | "
            + "self.`a-b` == '1'\n | .....^" },
        { "self.é == '8'", "refused: compilation failed: ERROR: <input>:1:6: Syntax error: token recognition error at: "
            + "'é'\n | self.é == '8'\n | .....＾\nERROR: <input>:1:8: Syntax error: no viable alternative at input '. "
                + "=='\n | self.é == '8'\n | .....．.^" },
        { "self.keep.a == 'z'", "true" },
        { "self.keep.q == 1", "refused: compilation failed: ERROR: <input>:1:10: undefined field 'q'\n | self.keep.q "
            + "== 1\n | .........^" },
        { "self.u == 1", "refused: compilation failed: ERROR: <input>:1:5: undefined field 'u'\n | self.u == 1\n | "
            + "....^" },
        { "self.emb.kind == 'Pod'", "true" },
        { "self.emb.metadata.name == 'pp'", "true" },
        { "self.emb.metadata.namespace == 'pp'", "refused: compilation failed: ERROR: <input>:1:18: undefined field "
            + "'namespace'\n | self.emb.metadata.namespace == 'pp'\n | .................^" },
        { "self.emb.foo == 1", "refused: compilation failed: ERROR: <input>:1:9: undefined field 'foo'\n | "
            + "self.emb.foo == 1\n | ........^" },
        { "int('5') == 5", "true" },
        { "int('x') == 5", "refused: program instantiation failed: type conversion error from 'string' to 'int'" },
        { "int(5.9) == 5", "true" },
        { "int(-5.9) == -5", "true" },
        { "int(1e30) == 5", "refused: program instantiation failed: integer overflow" },
        { "int('-5') == -5", "true" },
        { "int(' 5') == 5", "refused: program instantiation failed: type conversion error from 'string' to 'int'" },
        { "int('5.0') == 5", "refused: program instantiation failed: type conversion error from 'string' to 'int'" },
        { "uint(5) == 5u", "true" },
        { "uint(-5) == 5u", "refused: program instantiation failed: unsigned integer overflow" },
        { "uint('5') == 5u", "true" },
        { "double('1.5') == 1.5", "true" },
        { "double('x') == 1.5", "refused: program instantiation failed: type conversion error from 'string' to 'double'" },
        { "double(5) == 5.0", "true" },
        { "string(5) == '5'", "true" },
        { "string(1.5) == '1.5'", "true" },
        { "string(1.0) == '1'", "true" },
        { "string(1e100) == '1e+100'", "true" },
        { "string(123456789012.0) == '1.23456789012e+11'", "true" },
        { "string(1e20) == '100000000000000000000'", "false" },
        { "string(1e21) == '1e+21'", "true" },
        { "string(0.00001) == '1e-05'", "true" },
        { "string(true) == 'true'", "true" },
        { "string(b'abc') == 'abc'", "true" },
        { "string(duration('90m')) == '5400s'", "true" },
        { "string(duration('1.5s')) == '1.5s'", "true" },
        { "string(timestamp('2024-01-01T00:00:00Z')) == '2024-01-01T00:00:00Z'", "true" },
        { "bool('true')", "true" },
        { "bool('x')", "refused: program instantiation failed: type conversion error from 'string' to 'bool'" },
        { "bool('T')", "true" },
        { "bytes('abc') == b'abc'", "true" },
        { "self.by == b'hello'", "true" },
        { "string(self.by) == 'hello'", "true" },
        { "self.dur == duration('1h30m')", "true" },
        { "self.dur > duration('1h')", "true" },
        { "self.dur.getHours() == 1", "true" },
        { "self.dur.getMinutes() == 90", "true" },
        { "self.dur.getSeconds() == 5400", "true" },
        { "self.dur.getMilliseconds() == 0", "false" },
        { "duration('1500ms').getMilliseconds() == 500", "false" },
        { "duration('x') == duration('1s')", "refused: compilation failed: ERROR: <input>:1:10: invalid duration "
            + "argument\n | duration('x') == duration('1s')\n | .........^" },
        { "duration(self.s) == duration('1s')", "error: type conversion error from 'string' to "
            + "'google.protobuf.Duration'" },
        { "self.dur + self.dur == duration('3h')", "true" },
        { "self.ts.getFullYear() == 2024", "true" },
        { "self.ts.getMonth() == 1", "true" },
        { "self.ts.getDate() == 29", "true" },
        { "self.ts.getDayOfMonth() == 28", "true" },
        { "self.ts.getDayOfWeek() == 4", "true" },
        { "self.ts.getDayOfYear() == 59", "true" },
        { "self.ts.getHours() == 12", "true" },
        { "self.ts.getHours('-08:00') == 4", "true" },
        { "self.ts.getHours('America/New_York') == 7", "true" },
        { "self.ts.getHours('X/Y') == 7", "error: unknown time zone X/Y" },
        { "self.ts.getMinutes() == 34", "true" },
        { "self.ts.getSeconds() == 56", "true" },
        { "self.ts.getMilliseconds() == 789", "true" },
        { "self.ts > timestamp('2024-01-01T00:00:00Z')", "true" },
        { "timestamp('x') > self.ts", "refused: compilation failed: ERROR: <input>:1:11: invalid timestamp argument\n "
            + "| timestamp('x') > self.ts\n | ..........^" },
        { "timestamp(self.s) > self.ts", "error: type conversion error from 'string' to 'google.protobuf.Timestamp'" },
        { "self.ts - timestamp('2024-02-29T12:34:56Z') == duration('789ms')", "true" },
        { "self.ts + duration('1h') > self.ts", "true" },
        { "self.d == timestamp('2024-02-29T00:00:00Z')", "true" },
        { "int(timestamp('1970-01-01T00:00:10Z')) == 10", "true" },
        { "timestamp(10) == timestamp('1970-01-01T00:00:10Z')", "true" },
        { "self.s.charAt(0) == 'h'", "true" },
        { "self.s.charAt(5) == ''", "true" },
        { "self.s.charAt(6) == ''", "error: index out of range: 6" },
        { "self.s2.charAt(1) == 'é'", "true" },
        { "self.s2.charAt(5) == '😀'", "true" },
        { "self.s.indexOf('l') == 2", "true" },
        { "self.s.indexOf('z') == -1", "true" },
        { "self.s.indexOf('') == 0", "true" },
        { "self.s.indexOf('l', 3) == 3", "true" },
        { "self.s.indexOf('l', 10) == 3", "false" },
        { "self.s.indexOf('l', -1) == 3", "error: index out of range: -1" },
        { "self.s.indexOf('', 10) == 10", "true" },
        { "self.s.lastIndexOf('l') == 3", "true" },
        { "self.s.lastIndexOf('l', 2) == 2", "true" },
        { "self.s.lastIndexOf('') == 5", "true" },
        { "self.s.lastIndexOf('l', 10) == 3", "false" },
        { "self.s.lastIndexOf('lo', 3) == 3", "true" },
        { "self.s.lastIndexOf('lo', 2) == -1", "true" },
        { "self.s.upperAscii() == 'HELLO'", "true" },
        { "self.s2.upperAscii() == 'HéLLO😀'", "true" },
        { "'ABC'.lowerAscii() == 'abc'", "true" },
        { "self.s.replace('l', 'L') == 'heLLo'", "true" },
        { "self.s.replace('l', 'L', 1) == 'heLlo'", "true" },
        { "self.s.replace('', '-') == '-h-e-l-l-o-'", "true" },
        { "self.s.replace('', '-', 2) == '-h-ello'", "true" },
        { "self.s.replace('l', 'L', 0) == 'hello'", "true" },
        { "self.s.replace('l', 'L', -1) == 'heLLo'", "true" },
        { "self.s.split('l') == ['he','','o']", "true" },
        { "self.s.split('') == ['h','e','l','l','o']", "true" },
        { "self.s.split('', 2) == ['h','ello']", "true" },
        { "self.s.split('l', 2) == ['he','lo']", "true" },
        { "self.s.split('l', 0) == []", "true" },
        { "self.s.split('l', 1) == ['hello']", "true" },
        { "self.s.split('l', -1) == ['he','','o']", "true" },
        { "self.s.substring(1) == 'ello'", "true" },
        { "self.s.substring(1,3) == 'el'", "true" },
        { "self.s.substring(5) == ''", "true" },
        { "self.s.substring(6) == ''", "error: index out of range: 6" },
        { "self.s.substring(3,1) == ''", "error: invalid substring range. start: 3, end: 1" },
        { "self.s.substring(-1,1) == ''", "error: index out of range: -1" },
        { "self.s.substring(0,9) == ''", "error: index out of range: 9" },
        { "'  x '.trim() == 'x'", "true" },
        { "self.ls.join() == 'abc'", "true" },
        { "self.ls.join(',') == 'a,b,c'", "true" },
        { "self.li.join(',') == 'a'", "refused: compilation failed: ERROR: <input>:1:13: found no matching overload "
            + "for 'join' applied to 'list(int).(string)'\n | self.li.join(',') == 'a'\n | ............^" },
        { "'%s %d %f %.2f %e %x %X %o %b %%'.format(['a', 1, 1.5, 1.5, 1.5, 255, 255, 8, 5]) == 'a 1 1.500000 1.50 "
            + "1.500000e+00 ff FF 10 101 %'", "false" },
        { "'%s'.format([[1,2]]) == '[1, 2]'", "true" },
        { "'%s'.format([{'a':1}]) == '{a: 1}'", "false" },
        { "'%s'.format([true]) == 'true'", "true" },
        { "'%s'.format([null]) == 'null'", "true" },
        { "'%s'.format([1.0]) == '1'", "true" },
        { "'%s'.format([duration('1h')]) == '3600s'", "true" },
        { "'%s'.format([timestamp('2024-01-01T00:00:00Z')]) == '2024-01-01T00:00:00Z'", "true" },
        { "'%s'.format([int]) == 'int'", "true" },
        { "'%x'.format(['hi']) == '6869'", "true" },
        { "'%d'.format(['hi']) == '6869'", "refused: compilation failed: ERROR: <input>:1:14: error during formatting: "
            + "decimal clause can only be used on integers, was given string\n | '%d'.format(['hi']) == '6869'\n | "
                + ".............^" },
        { "'%s'.format([]) == ''", "refused: compilation failed: ERROR: <input>:1:12: index 0 out of range\n | "
            + "'%s'.format([]) == ''\n | ...........^" },
        { "'%z'.format([1]) == ''", "refused: compilation failed: ERROR: <input>:1:12: could not parse formatting "
            + "clause: unrecognized formatting clause \"z\"\n | '%z'.format([1]) == ''\n | ...........^" },
        { "'%s'.format([1, 2]) == '1'", "refused: compilation failed: ERROR: <input>:1:12: too many arguments supplied "
            + "to string.format (expected 1, got 2)\n | '%s'.format([1, 2]) == '1'\n | ...........^" },
        { "strings.quote('a\"b') == '\"a\\\\\"b\"'", "true" },
        { "self.li.isSorted()", "false" },
        { "[1,2,2].isSorted()", "true" },
        { "self.li.sum() == 6", "true" },
        { "self.ln.sum() == 3.5", "true" },
        { "[].sum() == 0", "true" },
        { "self.li.min() == 1", "true" },
        { "self.li.max() == 3", "true" },
        { "[].min() == 1", "error: min called on empty list" },
        { "self.ls.max() == 'c'", "true" },
        { "self.li.indexOf(1) == 1", "true" },
        { "self.li.indexOf(9) == -1", "true" },
        { "[1,2,1].lastIndexOf(1) == 2", "true" },
        { "self.s.find('l+') == 'll'", "true" },
        { "self.s.find('z') == ''", "true" },
        { "self.s.findAll('l') == ['l','l']", "true" },
        { "self.s.findAll('l', 1) == ['l']", "true" },
        { "self.s.findAll('l', 0) == []", "true" },
        { "self.s.findAll('l', -1) == ['l', 'l']", "true" },
        { "url('https://u:p@example.com:8080/a%20b/c?x=1&x=2&y=#f').getHost() == 'example.com:8080'", "true" },
        { "url('https://example.com:8080/a%20b/c?x=1').getHostname() == 'example.com'", "true" },
        { "url('https://example.com:8080/a%20b/c?x=1').getPort() == '8080'", "true" },
        { "url('https://example.com:8080/a%20b/c?x=1').getScheme() == 'https'", "true" },
        { "url('https://example.com:8080/a%20b/c?x=1').getEscapedPath() == '/a%20b/c'", "true" },
        { "url('https://example.com:8080/a%20b/c?x=1&x=2&y=').getQuery() == {'x':['1','2'],'y':['']}", "true" },
        { "url('https://[::1]:80/').getHostname() == '::1'", "true" },
        { "url('/a/b').getEscapedPath() == '/a/b'", "true" },
        { "url('a b').getHost() == ''", "error: URL parse error during conversion from string: parse \"a b\": invalid "
            + "URI for request" },
        { "url('example.com').getHost() == ''", "error: URL parse error during conversion from string: parse "
            + "\"example.com\": invalid URI for request" },
        { "isURL('https://a')", "true" },
        { "isURL('a')", "false" },
        { "isURL('/a')", "true" },
        { "isURL('https://a b')", "false" },
        { "isURL('http://a:b')", "false" },
        { "ip('10.0.0.1').family() == 4", "true" },
        { "ip('::1').family() == 6", "true" },
        { "ip('10.0.0.256').family() == 4", "error: IP Address \"10.0.0.256\" parse error during conversion from "
            + "string: ParseAddr(\"10.0.0.256\"): IPv4 field has value >255" },
        { "ip('01.0.0.1').family() == 4", "error: IP Address \"01.0.0.1\" parse error during conversion from string: "
            + "ParseAddr(\"01.0.0.1\"): IPv4 field has octet with leading zero" },
        { "ip('x').family() == 4", "error: IP Address \"x\" parse error during conversion from string: "
            + "ParseAddr(\"x\"): unable to parse IP" },
        { "ip('::ffff:1.2.3.4').family() == 6", "error: IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed" },
        { "ip('fe80::1%eth0').family() == 6", "error: IP address \"fe80::1%eth0\" with zone value is not allowed" },
        { "ip('').family() == 6", "error: IP Address \"\" parse error during conversion from string: ParseAddr(\"\"): "
            + "unable to parse IP" },
        { "ip('1.2.3').family() == 6", "error: IP Address \"1.2.3\" parse error during conversion from string: "
            + "ParseAddr(\"1.2.3\"): IPv4 address too short" },
        { "isIP('10.0.0.1')", "true" },
        { "isIP('::1')", "true" },
        { "isIP('x')", "false" },
        { "isIP('10.0.0.01')", "false" },
        { "ip.isCanonical('::1')", "true" },
        { "ip.isCanonical('0:0:0:0:0:0:0:1')", "false" },
        { "ip.isCanonical('2001:DB8::1')", "false" },
        { "ip.isCanonical('x')", "error: IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): "
            + "unable to parse IP" },
        { "ip('127.0.0.1').isLoopback()", "true" },
        { "ip('0.0.0.0').isUnspecified()", "true" },
        { "ip('::').isUnspecified()", "true" },
        { "ip('169.254.1.1').isLinkLocalUnicast()", "true" },
        { "ip('fe80::1').isLinkLocalUnicast()", "true" },
        { "ip('224.0.0.1').isLinkLocalMulticast()", "true" },
        { "ip('ff02::1').isLinkLocalMulticast()", "true" },
        { "ip('8.8.8.8').isGlobalUnicast()", "true" },
        { "ip('224.0.0.1').isGlobalUnicast()", "false" },
        { "ip('255.255.255.255').isGlobalUnicast()", "false" },
        { "ip('10.0.0.1').isGlobalUnicast()", "true" },
        { "ip('10.0.0.1') == ip('10.0.0.1')", "true" },
        { "string(ip('2001:db8:0:0::1')) == '2001:db8::1'", "true" },
        { "cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true" },
        { "cidr('10.0.0.0/8').containsIP(ip('11.1.2.3'))", "false" },
        { "cidr('10.0.0.0/8').containsIP('x')", "error: no such overload" },
        { "cidr('10.0.0.0/8').containsIP('::1')", "false" },
        { "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true" },
        { "cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", "false" },
        { "cidr('10.0.0.0/8').containsCIDR('x')", "error: network address parse error during conversion from string: "
            + "network address parse error during conversion from string: netip.ParsePrefix(\"x\"): no '/'" },
        { "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "true" },
        { "cidr('10.1.2.3/8').ip() == ip('10.1.2.3')", "true" },
        { "cidr('10.1.2.3/8').prefixLength() == 8", "true" },
        { "string(cidr('10.1.2.3/8')) == '10.1.2.3/8'", "true" },
        { "isCIDR('10.0.0.0/8')", "true" },
        { "isCIDR('10.0.0.0/33')", "false" },
        { "isCIDR('10.0.0.0/08')", "false" },
        { "isCIDR('10.0.0.0')", "false" },
        { "isCIDR('::/0')", "true" },
        { "isCIDR('::ffff:1.2.3.4/120')", "false" },
        { "isCIDR('fe80::1%eth0/64')", "false" },
        { "cidr('x').prefixLength() == 1", "error: network address parse error during conversion from string: network "
            + "address parse error during conversion from string: netip.ParsePrefix(\"x\"): no '/'" },
        { "cidr('10.0.0.0/33').prefixLength() == 1", "error: network address parse error during conversion from "
            + "string: network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0/33\"): "
                + "prefix length out of range" },
        { "cidr('10.0.0.0').prefixLength() == 1", "error: network address parse error during conversion from string: "
            + "network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0.0\"): no '/'" },
        { "cidr('10.0.0/8').prefixLength() == 1", "error: network address parse error during conversion from string: "
            + "network address parse error during conversion from string: netip.ParsePrefix(\"10.0.0/8\"): "
                + "ParseAddr(\"10.0.0\"): IPv4 address too short" },
        { "cidr(self.cidr).containsIP(self.ip)", "true" },
        { "cidr('10.0.0.0/8') == cidr('10.0.0.0/8')", "true" },
        { "quantity('1Gi').isGreaterThan(quantity('1000M'))", "true" },
        { "quantity('1.5').compareTo(quantity('1500m')) == 0", "true" },
        { "quantity('x').isInteger()", "error: quantities must match the regular expression "
            + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
        { "isQuantity('1Gi')", "true" },
        { "isQuantity('1gi')", "false" },
        { "isQuantity('1.5e3')", "true" },
        { "isQuantity('.5')", "true" },
        { "isQuantity('5.')", "true" },
        { "isQuantity('')", "false" },
        { "isQuantity('+1')", "true" },
        { "isQuantity('1e')", "false" },
        { "isQuantity('1E')", "true" },
        { "isQuantity('1Ei')", "true" },
        { "quantity('1.5').isInteger()", "false" },
        { "quantity('50k').asInteger() == 50000", "true" },
        { "quantity('1.5').asInteger() == 1", "error: cannot convert value to integer" },
        { "quantity('1.5').asApproximateFloat() == 1.5", "true" },
        { "quantity('1k').add(quantity('1')) == quantity('1001')", "true" },
        { "quantity('1k').add(1) == quantity('1001')", "true" },
        { "quantity('1k').sub(1) == quantity('999')", "true" },
        { "quantity('1k') == quantity('1000')", "true" },
        { "sign(quantity('-5')) == -1", "true" },
        { "quantity('-5').sign() == -1", "refused: compilation failed: ERROR: <input>:1:20: found no matching overload "
            + "for 'sign' applied to 'kubernetes.Quantity.()'\n | quantity('-5').sign() == -1\n | ...................^" },
        { "semver('1.2.3').major() == 1", "true" },
        { "semver('1.2.3-alpha').isLessThan(semver('1.2.3'))", "true" },
        { "semver('v1.2').major() == 1", "error: No Major.Minor.Patch elements found" },
        { "semver('v1.2', true).minor() == 2", "true" },
        { "isSemver('1.2.3')", "true" },
        { "isSemver('1.2')", "false" },
        { "isSemver('v1.2', true)", "true" },
        { "semver('1.2.3').compareTo(semver('1.10.0')) == -1", "true" },
        { "format.dns1123Label().validate('abc') == optional.none()", "refused: Forbidden: estimated rule cost exceeds "
            + "budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and "
                + "maxLength where arrays, maps, and strings are declared)" },
        { "format.dns1123Label().validate('ABC').hasValue()", "true" },
        { "format.dns1123Label().validate('ABC').value().size() == 1", "true" },
        { "format.dns1123Label().validate('ABC').value()[0] == \"a lowercase RFC 1123 label must consist of lower case "
            + "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  "
                + "or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\"", "true" },
        { "format.named('dns1123Label').hasValue()", "true" },
        { "format.named('x').hasValue()", "false" },
        { "!format.uri().validate('http://a').hasValue()", "true" },
        { "format.uuid().validate('x').value() == ['does not match the UUID format']", "true" },
        { "format.byte().validate('x').value() == ['invalid base64']", "true" },
        { "format.date().validate('x').value() == ['invalid date']", "true" },
        { "format.datetime().validate('x').value() == ['invalid datetime']", "true" },
        { "!format.labelValue().validate('a_b').hasValue()", "true" },
        { "!format.qualifiedName().validate('a/b').hasValue()", "true" },
        { "!format.dns1123LabelPrefix().validate('abc-').hasValue()", "true" },
        { "self.?s.orValue('x') == 'hello'", "true" },
        { "self.?nul.orValue('x') == 'x'", "true" },
        { "self.?zz.orValue('x') == 'x'", "refused: compilation failed: ERROR: <input>:1:5: undefined field 'zz'\n | "
            + "self.?zz.orValue('x') == 'x'\n | ....^" },
        { "self.?o.?c.?d.orValue('x') == 'e'", "true" },
        { "self.o.?c.d.hasValue()", "true" },
        { "self.m[?'zz'].orValue('q') == 'q'", "true" },
        { "self.m.?zz.orValue('q') == 'q'", "true" },
        { "self.ls[?0].hasValue()", "true" },
        { "self.ls[?9].hasValue()", "false" },
        { "self.?s.hasValue() && self.?s.value() == 'hello'", "true" },
        { "self.?nul.value() == 'x'", "error: optional.none() dereference" },
        { "optional.of(1).optMap(x, x + 1).value() == 2", "true" },
        { "optional.of(1).optFlatMap(x, optional.of(x + 1)).value() == 2", "true" },
        { "optional.none().hasValue()", "false" },
        { "optional.ofNonZeroValue('').hasValue()", "false" },
        { "optional.ofNonZeroValue('a').hasValue()", "true" },
        { "optional.none().or(optional.of(1)).value() == 1", "true" },
        { "[?optional.of(1), ?optional.none(), 2] == [1, 2]", "true" },
        { "{?'a': optional.of(1), ?'b': optional.none()} == {'a': 1}", "true" },
        { "self.ls.first().value() == 'a'", "true" },
        { "self.ls.last().value() == 'c'", "true" },
        { "[optional.of(1), optional.none()].unwrapOpt() == [1]", "true" },
        { "optional.unwrap([optional.of(1), optional.none()]) == [1]", "true" },
        { "self.li.sort() == [1,2,3]", "true" },
        { "self.ls.reverse() == ['c','b','a']", "true" },
        { "[1,1,2].distinct() == [1,2]", "true" },
        { "[[1],[2,3]].flatten() == [1,2,3]", "true" },
        { "[[1],[[2,3]]].flatten(2) == [1,2,3]", "refused: compilation failed: ERROR: <input>:1:6: expected type "
            + "'list(int)' but found 'list(list(int))'\n | [[1],[[2,3]]].flatten(2) == [1,2,3]\n | .....^" },
        { "self.ls.slice(0,2) == ['a','b']", "true" },
        { "self.ls.slice(0,9) == ['a','b']", "error: cannot slice(0, 9), list is length 3" },
        { "self.ls.slice(2,1) == ['a','b']", "refused: Forbidden: estimated rule cost exceeds budget by factor of more "
            + "than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, "
                + "maps, and strings are declared)" },
        { "lists.range(3) == [0,1,2]", "true" },
        { "self.lo.sortBy(x, x.a)[0].a == 'x'", "true" },
        { "self.li.sortBy(x, -x) == [3,2,1]", "true" },
        { "sets.contains([1,2],[1])", "true" },
        { "sets.equivalent([1,2],[2,1,1])", "true" },
        { "sets.intersects([1],[2])", "false" },
        { "self.ls.all(i, v, i >= 0 && v != '')", "true" },
        { "self.ls.exists(i, v, i == 1 && v == 'b')", "true" },
        { "self.ls.existsOne(i, v, v == 'b')", "true" },
        { "self.ls.exists_one(i, v, v == 'b')", "true" },
        { "self.ls.transformList(i, v, v + string(i)) == ['a0','b1','c2']", "refused: Forbidden: estimated rule cost "
            + "exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, "
                + "maxProperties, and maxLength where arrays, maps, and strings are declared)" },
        { "self.ls.transformList(i, v, i > 0, v) == ['b','c']", "true" },
        { "self.m.transformMap(k, v, v + '!') == {'k':'v!','k2':'v2!'}", "true" },
        { "self.m.transformMap(k, v, k == 'k', v + '!') == {'k':'v!'}", "true" },
        { "self.m.transformMapEntry(k, v, {v: k}) == {'v':'k','v2':'k2'}", "true" },
        { "self.m.transformMapEntry(k, v, {'x': k}) == {'v':'k','v2':'k2'}", "error: insert failed: key x already "
            + "exists" },
        { "self.ls.all(i, i, true)", "refused: compilation failed: ERROR: <input>:1:16: duplicate variable name: i\n | "
            + "self.ls.all(i, i, true)\n | ...............^" },
        { "cel.bind(x, 1, x == 1)", "refused: compilation failed: ERROR: <input>:1:1: undeclared reference to 'cel' "
            + "(in container '')\n | cel.bind(x, 1, x == 1)\n | ^\nERROR: <input>:1:9: undeclared reference to 'bind' "
                + "(in container '')\n | cel.bind(x, 1, x == 1)\n | ........^\nERROR: <input>:1:10: undeclared "
                    + "reference to 'x' (in container '')\n | cel.bind(x, 1, x == 1)\n | .........^\nERROR: "
                        + "<input>:1:16: undeclared reference to 'x' (in container '')\n | cel.bind(x, 1, x == 1)\n | "
                            + "...............^" },
        { "reverse(self.s) == ''", "refused: compilation failed: ERROR: <input>:1:8: found no matching overload for "
            + "'reverse' applied to '(string)'\n | reverse(self.s) == ''\n | .......^" },
        { "self.s.reverse() == 'olleh'", "refused: compilation failed: ERROR: <input>:1:15: found no matching overload "
            + "for 'reverse' applied to 'string.()'\n | self.s.reverse() == 'olleh'\n | ..............^" },
        { "math.greatest(1,2) == 2", "refused: compilation failed: ERROR: <input>:1:1: undeclared reference to 'math' "
            + "(in container '')\n | math.greatest(1,2) == 2\n | ^\nERROR: <input>:1:14: undeclared reference to "
                + "'greatest' (in container '')\n | math.greatest(1,2) == 2\n | .............^" },
        { "base64.encode(b'a') == 'a'", "refused: compilation failed: ERROR: <input>:1:1: undeclared reference to "
            + "'base64' (in container '')\n | base64.encode(b'a') == 'a'\n | ^\nERROR: <input>:1:14: undeclared "
                + "reference to 'encode' (in container '')\n | base64.encode(b'a') == 'a'\n | .............^" },
        { "self.ls.foo()", "refused: compilation failed: ERROR: <input>:1:12: undeclared reference to 'foo' (in "
            + "container '')\n | self.ls.foo()\n | ...........^" },
        { "foo(self.s)", "refused: compilation failed: ERROR: <input>:1:4: undeclared reference to 'foo' (in container "
            + "'')\n | foo(self.s)\n | ...^" },
        { "self.s.size", "refused: compilation failed: ERROR: <input>:1:7: type 'string' does not support field "
            + "selection\n | self.s.size\n | ......^" },
        { "self.s.startsWith(1)", "refused: compilation failed: ERROR: <input>:1:18: found no matching overload for "
            + "'startsWith' applied to 'string.(int)'\n | self.s.startsWith(1)\n | .................^" },
        { "self.s.startsWith()", "refused: compilation failed: ERROR: <input>:1:18: found no matching overload for "
            + "'startsWith' applied to 'string.()'\n | self.s.startsWith()\n | .................^" },
        { "startsWith(self.s, 'h')", "refused: compilation failed: ERROR: <input>:1:11: found no matching overload for "
            + "'startsWith' applied to '(string, string)'\n | startsWith(self.s, 'h')\n | ..........^" },
        { "self.ls.contains('a')", "refused: compilation failed: ERROR: <input>:1:17: found no matching overload for "
            + "'contains' applied to 'list(string).(string)'\n | self.ls.contains('a')\n | ................^" },
        { "Foo{a: 1} == 1", "refused: compilation failed: ERROR: <input>:1:4: undeclared reference to 'Foo' (in "
            + "container '')\n | Foo{a: 1} == 1\n | ...^" },
        { "request.x == 1", "refused: compilation failed: ERROR: <input>:1:1: undeclared reference to 'request' (in "
            + "container '')\n | request.x == 1\n | ^" },
        { "self.i =", "refused: compilation failed: ERROR: <input>:1:8: Syntax error: token recognition error at: "
            + "'='\n | self.i =\n | .......^" },
        { "self.i == 5 5", "refused: compilation failed: ERROR: <input>:1:13: Syntax error: extraneous input '5' "
            + "expecting <EOF>\n | self.i == 5 5\n | ............^" },
        { "self.i == (5", "refused: compilation failed: ERROR: <input>:1:13: Syntax error: missing ')' at '<EOF>'\n | "
            + "self.i == (5\n | ............^" },
        { "self.i == 5)", "refused: compilation failed: ERROR: <input>:1:12: Syntax error: extraneous input ')' "
            + "expecting <EOF>\n | self.i == 5)\n | ...........^" },
        { "self.ls[0", "refused: compilation failed: ERROR: <input>:1:10: Syntax error: missing ']' at '<EOF>'\n | "
            + "self.ls[0\n | .........^" },
        { "{'a' 1}", "refused: compilation failed: ERROR: <input>:1:6: Syntax error: missing ':' at '1'\n | {'a' 1}\n "
            + "| .....^" },
        { "[1,2", "refused: compilation failed: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting "
            + "{']', ','}\n | [1,2\n | ....^" },
        { "'abc", "refused: compilation failed: ERROR: <input>:1:1: Syntax error: token recognition error at: ''abc'\n "
            + "| 'abc\n | ^\nERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', "
                + "'-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | "
                    + "'abc\n | ....^" },
        { "self.i == 5 #", "refused: compilation failed: ERROR: <input>:1:13: Syntax error: token recognition error "
            + "at: '#'\n | self.i == 5 #\n | ............^" },
        { "self..s", "refused: compilation failed: ERROR: <input>:1:6: Syntax error: no viable alternative at input "
            + "'..'\n | self..s\n | .....^" },
        { "self.s == 'a' && ", "refused: compilation failed: ERROR: <input>:1:18: Syntax error: mismatched input "
            + "'<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, "
                + "STRING, BYTES, IDENTIFIER}\n | self.s == 'a' && \n | .................^" },
        { "1 +", "refused: compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting "
            + "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, "
                + "IDENTIFIER}\n | 1 +\n | ...^" },
        { "self.i === 5", "refused: compilation failed: ERROR: <input>:1:10: Syntax error: token recognition error at: "
            + "'= '\n | self.i === 5\n | .........^" },
        { "a b c", "refused: compilation failed: ERROR: <input>:1:3: Syntax error: mismatched input 'b' expecting "
            + "<EOF>\n | a b c\n | ..^" },
        { "for", "refused: compilation failed: ERROR: <input>:1:1: reserved identifier: for\n | for\n | ^" },
        { "self.ls.all(x)", "refused: compilation failed: ERROR: <input>:1:12: undeclared reference to 'all' (in "
            + "container '')\n | self.ls.all(x)\n | ...........^\nERROR: <input>:1:13: undeclared reference to 'x' (in "
                + "container '')\n | self.ls.all(x)\n | ............^" },
        { "self.ls.all(x, y, z, w)", "refused: compilation failed: ERROR: <input>:1:12: undeclared reference to 'all' "
            + "(in container '')\n | self.ls.all(x, y, z, w)\n | ...........^\nERROR: <input>:1:13: undeclared "
                + "reference to 'x' (in container '')\n | self.ls.all(x, y, z, w)\n | ............^\nERROR: "
                    + "<input>:1:16: undeclared reference to 'y' (in container '')\n | self.ls.all(x, y, z, w)\n | "
                        + "...............^\nERROR: <input>:1:19: undeclared reference to 'z' (in container '')\n | "
                            + "self.ls.all(x, y, z, w)\n | ..................^\nERROR: <input>:1:22: undeclared "
                                + "reference to 'w' (in container '')\n | self.ls.all(x, y, z, w)\n | "
                                    + ".....................^" },
        { "self.ls.map(x)", "refused: compilation failed: ERROR: <input>:1:12: undeclared reference to 'map' (in "
            + "container '')\n | self.ls.map(x)\n | ...........^\nERROR: <input>:1:13: undeclared reference to 'x' (in "
                + "container '')\n | self.ls.map(x)\n | ............^" },
        { "has(self.s, 1)", "refused: compilation failed: ERROR: <input>:1:4: undeclared reference to 'has' (in "
            + "container '')\n | has(self.s, 1)\n | ...^" },
        { "99999999999999999999 == 1", "refused: compilation failed: ERROR: <input>:1:1: invalid int literal\n | "
            + "99999999999999999999 == 1\n | ^" },
        { "-9223372036854775808 == self.i", "false" },
        { "0x1F == 31", "true" },
        { "1e500 == 1.0", "refused: compilation failed: ERROR: <input>:1:1: invalid double literal\n | 1e500 == 1.0\n "
            + "| ^" },
        { "'\\x41' == 'A'", "true" },
        { "'\\q' == 'A'", "refused: compilation failed: ERROR: <input>:1:1: Syntax error: token recognition error at: "
            + "''\\q'\n | '\\q' == 'A'\n | ^\nERROR: <input>:1:10: Syntax error: extraneous input 'A' expecting "
                + "<EOF>\n | '\\q' == 'A'\n | .........^\nERROR: <input>:1:11: Syntax error: token recognition error "
                    + "at: '''\n | '\\q' == 'A'\n | ..........^" },
        { "r'\\q' == '\\\\q'", "true" },
        { "b'\\xff'.size() == 1", "true" },
        { "\"\"\"a", "refused: compilation failed: ERROR: <input>:1:3: Syntax error: token recognition error at: "
            + "'\"a'\n | \"\"\"a\n | ..^" },
        { "b\"\"\" == 'x'", "refused: compilation failed: ERROR: <input>:1:4: Syntax error: token recognition error "
            + "at: '\" == 'x''\n | b\"\"\" == 'x'\n | ...^" },
        { "'a' 'b'", "refused: compilation failed: ERROR: <input>:1:5: Syntax error: extraneous input ''b'' expecting "
            + "<EOF>\n | 'a' 'b'\n | ....^" },
        { "self.s == 'a'//comment", "false" },
        { "true", "true" },
        { "'a'", "refused: cel expression must evaluate to a bool" },
        { "self", "refused: cel expression must evaluate to a bool" },
        { "1", "refused: cel expression must evaluate to a bool" },
        { "null", "refused: cel expression must evaluate to a bool" },
        { "type(1) == int", "true" },
        { "type(type(1)) == type", "true" },
        { "type(self.ls) == list", "true" },
        { "type(self.m) == map", "true" },
        { "type(self.o) == map", "true" },
        { "type(null) == null_type", "true" },
        { "type(self.ts) == google.protobuf.Timestamp", "true" },
        { "type(self.dur) == google.protobuf.Duration", "true" },
        { "int == int", "true" },
        { "1 == 1u", "refused: compilation failed: ERROR: <input>:1:3: found no matching overload for '_==_' applied "
            + "to '(int, uint)'\n | 1 == 1u\n | ..^" },
        { "dyn(1) == 1u", "true" },
        { "1 < 1u", "false" },
        { "1 < 2u", "true" },
        { "b'a' < b'b'", "true" },
        { "'a' < 'b'", "true" },
        { "true > false", "true" },
        { "'a' < 1", "refused: compilation failed: ERROR: <input>:1:5: found no matching overload for '_<_' applied to "
            + "'(string, int)'\n | 'a' < 1\n | ....^" },
        { "[1] < [2]", "refused: compilation failed: ERROR: <input>:1:5: found no matching overload for '_<_' applied "
            + "to '(list(int), list(int))'\n | [1] < [2]\n | ....^" },
        { "self.ls.exists(x, x == 'a' || x.y)", "refused: compilation failed: ERROR: <input>:1:32: type 'string' does "
            + "not support field selection\n | self.ls.exists(x, x == 'a' || x.y)\n | ...............................^" },
        { "(self.i == 5 ? self.s : self.nul) == 'hello'", "true" },
        { "self.lo.map(x, x.a).join(',') == 'x,y'", "refused: Forbidden: estimated rule cost exceeds budget by factor "
            + "of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where "
                + "arrays, maps, and strings are declared)" },
        { "self.lo.map(x, x.b).sum() == 1", "error: no such key: b" },
        { "self.mo.p.a == 'q'", "true" },
        { "self.mo['p'].a == 'q'", "true" },
        { "self.mo.all(k, self.mo[k].a == 'q')", "true" },
        { "self.mo.exists(k, k == 'p' && self.mo[k].a.startsWith('q'))", "true" },
        { "1 + 1.0 == 2.0", "refused: compilation failed: ERROR: <input>:1:3: found no matching overload for '_+_' "
            + "applied to '(int, double)'\n | 1 + 1.0 == 2.0\n | ..^" },
        { "1 / 2 == 0", "true" },
        { "-7 / 2 == -3", "true" },
        { "-7 % 2 == -1", "true" },
        { "7.0 / 2.0 == 3.5", "true" },
        { "9223372036854775807 + 1 > 0", "error: integer overflow" },
        { "-9223372036854775807 - 2 < 0", "error: integer overflow" },
        { "5u - 6u > 0u", "error: unsigned integer overflow" },
        { "1.0 / 0.0 > 1.0", "true" },
        { "'a' + 'b' == 'ab'", "true" },
        { "b'a' + b'b' == b'ab'", "true" },
        { "'%e'.format([1.5]) == '1.500000e+00'", "false" },
        { "'%e'.format([1.5]) == '1.500000 × 10⁰⁰'", "false" },
        { "'%e'.format([0.00015]) == '1.500000 × 10⁻⁰⁴'", "false" },
        { "'%e'.format([-1234.5]) == '-1.234500 × 10⁰³'", "false" },
        { "'%.2e'.format([1234.5]) == '1.23 × 10⁰³'", "false" },
        { "'%f'.format([1234567.5]) == '1,234,567.500000'", "true" },
        { "'%.0f'.format([2.5]) == '2'", "true" },
        { "'%d'.format([1234567]) == '1234567'", "true" },
        { "'%s'.format([1234567.5]) == '1.2345675e+06'", "true" },
        { "'%s'.format([['a', 'b']]) == '[\"a\", \"b\"]'", "true" },
        { "'%s'.format([[1.5]]) == '[1.500000]'", "true" },
        { "'%s'.format([{'a':1}]) == '{\"a\":1}'", "true" },
        { "'%s'.format([{'a':1, 'b':2}]) == '{\"a\":1, \"b\":2}'", "true" },
        { "'%s'.format([[duration('1h')]]) == '[duration(\"3600s\")]'", "true" },
        { "'%s'.format([self.ls]) == '[\"a\", \"b\", \"c\"]'", "true" },
        { "'%s and %d'.format([self.s, self.i]) == 'hello and 5'", "true" },
        { "'%s'.format([self.ios]) == '5'", "true" },
        { "'%d'.format([self.ios]) == '5'", "true" },
        { "'%d'.format([self.ios2]) == '5'", "error: error during formatting: decimal clause can only be used on "
            + "integers, was given string" },
        { "'%x'.format([b'hi']) == '6869'", "true" },
        { "'%X'.format([255]) == 'FF'", "true" },
        { "'%b'.format([5]) == '101'", "true" },
        { "'%b'.format([true]) == '1'", "true" },
        { "'%o'.format([8]) == '10'", "true" },
        { "'%b'.format(['a']) == '1'", "refused: compilation failed: ERROR: <input>:1:14: error during formatting: "
            + "only integers and bools can be formatted as binary, was given string\n | '%b'.format(['a']) == '1'\n | "
                + ".............^" },
        { "'%f'.format([1]) == '1.000000'", "refused: compilation failed: ERROR: <input>:1:14: error during "
            + "formatting: fixed-point clause can only be used on doubles, was given int\n | '%f'.format([1]) == "
                + "'1.000000'\n | .............^" },
        { "'%f'.format(['NaN']) == 'NaN'", "true" },
        { "'%.f'.format([1.0]) == '1'", "refused: compilation failed: ERROR: <input>:1:13: could not parse formatting "
            + "clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: "
                + "parsing \"\": invalid syntax\n | '%.f'.format([1.0]) == '1'\n | ............^" },
        { "'%'.format([1]) == '1'", "refused: compilation failed: ERROR: <input>:1:11: unexpected end of string\n | "
            + "'%'.format([1]) == '1'\n | ..........^" },
        { "'%s %s'.format([1]) == '1'", "refused: compilation failed: ERROR: <input>:1:15: index 1 out of range\n | "
            + "'%s %s'.format([1]) == '1'\n | ..............^" },
        { "'%s'.format([ip('1.2.3.4')]) == '1.2.3.4'", "refused: compilation failed: ERROR: <input>:1:16: error during "
            + "formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
                + "durations, and timestamps, was given net.IP\n | '%s'.format([ip('1.2.3.4')]) == '1.2.3.4'\n | "
                    + "...............^" },
        { "'%s'.format([quantity('1')]) == '1'", "refused: compilation failed: ERROR: <input>:1:22: error during "
            + "formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
                + "durations, and timestamps, was given kubernetes.Quantity\n | '%s'.format([quantity('1')]) == '1'\n "
                    + "| .....................^" },
        { "self.s.format([1]) == 'hello'", "true" },
        { "string(1234567.0) == '1.234567e+06'", "true" },
        { "string(123456.0) == '123456'", "true" },
        { "string(1000000.0) == '1e+06'", "true" },
        { "string(0.0001) == '0.0001'", "true" },
        { "string(0.00001234) == '1.234e-05'", "true" },
        { "string(-0.0) == '-0'", "true" },
        { "string(1.7976931348623157e308) == '1.7976931348623157e+308'", "true" },
        { "[{'a': 1}, {'b': 'x'}].size() == 2", "refused: compilation failed: ERROR: <input>:1:12: expected type "
            + "'map(string, int)' but found 'map(string, string)'\n | [{'a': 1}, {'b': 'x'}].size() == 2\n | "
                + "...........^" },
        { "[[1], ['a']].size() == 2", "refused: compilation failed: ERROR: <input>:1:7: expected type 'list(int)' but "
            + "found 'list(string)'\n | [[1], ['a']].size() == 2\n | ......^" },
        { "[self.i, self.ios].size() == 2", "refused: compilation failed: ERROR: <input>:1:14: expected type 'int' but "
            + "found 'dyn'\n | [self.i, self.ios].size() == 2\n | .............^" },
        { "[null, self.s].size() == 2", "refused: compilation failed: ERROR: <input>:1:12: expected type 'null' but "
            + "found 'string'\n | [null, self.s].size() == 2\n | ...........^" },
        { "[self.ts, null].size() == 2", "refused: compilation failed: ERROR: <input>:1:11: expected type 'timestamp' "
            + "but found 'null'\n | [self.ts, null].size() == 2\n | ..........^" },
        { "{'a': [1], 'b': []}.size() == 2", "true" },
        { "[[], [1]].size() == 2", "true" },
        { "self.ls.exists(x, x in ['a', 'z'])", "true" },
        { "self.s in ['hello', 'x']", "true" },
        { "self.s in [self.s2, self.s]", "true" },
        { "self.i in [5, 6]", "true" },
        { "self.ios in [5, 'a']", "refused: compilation failed: ERROR: <input>:1:17: expected type 'int' but found "
            + "'string'\n | self.ios in [5, 'a']\n | ................^" },
        { "self.namespace == 'ns' && self.__namespace__ == 'ns'", "true" },
        { "self.while == 'x'", "refused: compilation failed: ERROR: <input>:1:5: undefined field 'while'\n | "
            + "self.while == 'x'\n | ....^" },
        { "has(self.namespace)", "true" },
        { "self.o.namespace == 'x'", "refused: compilation failed: ERROR: <input>:1:7: undefined field 'namespace'\n | "
            + "self.o.namespace == 'x'\n | ......^" },
        { "self.ls.map(x, x).filter(y, y > 'a').size() == 2", "true" },
        { "self.li.map(x, x * 2).exists(y, y == 6)", "true" },
        { "self.lo.filter(x, has(x.b)).map(x, x.b)[0] == 1", "true" },
        { "self.ls.all(x, self.li.all(y, self.ln.all(z, x != '' && y > 0 && z > 0.0)))", "true" },
        { "self.m.all(k, self.m[k].matches('^[a-z0-9]+$'))", "true" },
        { "self.o == self.o", "true" },
        { "self.ls.filter(x, x == 'a') == ['a'] ? true : false", "true" },
        { "!(self.i in self.li)", "true" },
        { "self.en == 'aa'", "true" },
        { "self.en in ['aa','b']", "true" },
        { "self.en.startsWith('a')", "true" },
        { "self.en.matches('^a+$')", "true" },
        { "self.nul != null && self.nul.size() > 0", "refused: compilation failed: ERROR: <input>:1:10: found no "
            + "matching overload for '_!=_' applied to '(string, null)'\n | self.nul != null && self.nul.size() > 0\n "
                + "| .........^" },
        { "self.nul == null || self.nul.size() > 0", "refused: compilation failed: ERROR: <input>:1:10: found no "
            + "matching overload for '_==_' applied to '(string, null)'\n | self.nul == null || self.nul.size() > 0\n "
                + "| .........^" },
        { "self.i > 3 && self.i < 10 && self.i != 7", "true" },
        { "(self.i > 3) == (self.j < 0)", "true" },
        { "self.i > 3 ? self.s == 'hello' : self.s2 == 'x'", "true" },
        { "self.ts < timestamp('2030-01-01T00:00:00Z') && self.dur < duration('2h')", "true" },
        { "duration('1h') + timestamp('2024-01-01T00:00:00Z') == timestamp('2024-01-01T01:00:00Z')", "true" },
        { "timestamp('2024-01-01T00:00:00Z') - duration('1h') == timestamp('2023-12-31T23:00:00Z')", "true" },
        { "timestamp('2024-01-01T00:00:00+02:00') == timestamp('2023-12-31T22:00:00Z')", "true" },
        { "timestamp('2024-01-01T00:00:00.123456789Z') > timestamp('2024-01-01T00:00:00Z')", "true" },
        { "timestamp('2024-01-01') > self.ts", "refused: compilation failed: ERROR: <input>:1:11: invalid timestamp "
            + "argument\n | timestamp('2024-01-01') > self.ts\n | ..........^" },
        { "timestamp('0000-01-01T00:00:00Z') > self.ts", "refused: compilation failed: ERROR: <input>:1:11: invalid "
            + "timestamp argument\n | timestamp('0000-01-01T00:00:00Z') > self.ts\n | ..........^" },
        { "duration('1000000h') > self.dur", "true" },
        { "duration('10000000000h') > self.dur", "refused: compilation failed: ERROR: <input>:1:10: invalid duration "
            + "argument\n | duration('10000000000h') > self.dur\n | .........^" },
        { "duration('') > self.dur", "refused: compilation failed: ERROR: <input>:1:10: invalid duration argument\n | "
            + "duration('') > self.dur\n | .........^" },
        { "duration('1') > self.dur", "refused: compilation failed: ERROR: <input>:1:10: invalid duration argument\n | "
            + "duration('1') > self.dur\n | .........^" },
        { "duration('-1h') < self.dur", "true" },
        { "'abc'.matches('a.c') && 'abc'.matches('^abc$') && !'abc'.matches('^ab$')", "true" },
        { "'a\\nb'.matches('^a$')", "false" },
        { "'a\\n'.matches('^a$')", "false" },
        { "'a\\nb'.matches('(?m)^a$')", "true" },
        { "'é'.matches('^\\\\w$')", "false" },
        { "'٣'.matches('^\\\\d$')", "false" },
        { "'é'.matches('^\\\\pL$')", "true" },
        { "'é'.matches('^[[:alpha:]]$')", "false" },
        { "'e'.matches('^[[:alpha:]]$')", "true" },
        { "'😀'.matches('^.$')", "true" },
        { "'a'.matches('(?P<x>a)')", "true" },
        { "'A'.matches('(?i)a')", "true" },
        { "'aaa'.matches('^a{1,1001}$')", "refused: compilation failed: ERROR: <input>:1:15: invalid matches "
            + "argument\n | 'aaa'.matches('^a{1,1001}$')\n | ..............^" },
        { "'aaa'.matches('^a{1,1000}$')", "true" },
        { "'a.b'.matches('^a\\\\.b$')", "true" },
        { "'x'.matches('\\\\Qx\\\\E')", "true" },
        { "'a'.matches('a**')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('a**')\n | ............^" },
        { "'a'.matches('a++')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('a++')\n | ............^" },
        { "'a'.matches('[b-a]')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('[b-a]')\n | ............^" },
        { "'a'.matches('\\\\8')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('\\\\8')\n | ............^" },
        { "'a'.matches('(a')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('(a')\n | ............^" },
        { "'a'.matches('a)')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('a)')\n | ............^" },
        { "'a'.matches('\\\\')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('\\\\')\n | ............^" },
        { "'a'.matches('[[:foo:]]')", "refused: compilation failed: ERROR: <input>:1:13: invalid matches argument\n | "
            + "'a'.matches('[[:foo:]]')\n | ............^" },
        { "'a'.matches('(?<n>a)')", "true" },
        { "'-'.matches('[a-]')", "true" },
        { "']'.matches('[]]')", "true" },
        { "'['.matches('[[]')", "true" },
        { "'^'.matches('[^^]')", "false" },
        { "'\\\\'.matches('[\\\\\\\\]')", "true" },
        { "'a'.matches('\\\\x61')", "true" },
        { "'a'.matches('\\\\x{61}')", "true" },
        { "'a'.matches('a|')", "true" },
        { "''.matches('^$')", "true" },
        { "'ab'.find('(a)(b)') == 'ab'", "true" },
        { "'abab'.findAll('ab') == ['ab','ab']", "true" },
        { "'abc'.findAll('') == ['','','','']", "true" },
        { "'aXbX'.split('X') == ['a','b','']", "true" },
        { "''.split(',') == ['']", "true" },
        { "''.split('') == []", "true" },
        { "'abc'.replace('b', '') == 'ac'", "true" },
        { "'abc'.substring(0, 0) == ''", "true" },
        { "'abc'.charAt(-1) == ''", "error: index out of range: -1" },
        { "'a,b'.split(',', 1) == ['a,b']", "true" },
        { "'a,b'.split(',').join('-') == 'a-b'", "refused: Forbidden: estimated rule cost exceeds budget by factor of "
            + "more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where "
                + "arrays, maps, and strings are declared)" },
        { "[].join() == ''", "true" },
        { "['a'].join('-') == 'a'", "refused: Forbidden: estimated rule cost exceeds budget by factor of more than "
            + "100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, "
                + "and strings are declared)" },
        { "'abc'.indexOf('') == 0", "true" },
        { "'abc'.indexOf('', 3) == 3", "true" },
        { "'abc'.lastIndexOf('', 1) == 1", "true" },
        { "'abc'.lastIndexOf('c', -1) == 1", "error: index out of range: -1" },
        { "'abc'.contains('')", "true" },
        { "'é'.size() == 1", "true" },
        { "'é'.charAt(0) == 'é'", "true" },
        { "'\\u00e9' == 'é'", "true" },
        { "'\\U0001F600' == '😀'", "true" },
        { "b'é'.size() == 2", "true" },
        { "bytes('é').size() == 2", "true" },
        { "string(b'\\xff') == ''", "refused: program instantiation failed: invalid UTF-8 in bytes, cannot convert to "
            + "string" },
        { "'a\\tb' == \"a\tb\"", "true" },
    };
}
