namespace DevCluster.Schema.Tests.Cel;

/// <summary>
/// Rules over large values and by how much the real API finds them too dear. Recorded from kube-apiserver 1.36.2.
/// </summary>
internal static class CostCases
{
    public const string Spec =
        """{"type":"object","properties":{"l":{"type":"array","items":{"type":"string","maxLength":1000},"maxItems":20000},"l2":{"type":"array","items":{"type":"string","maxLength":1000},"maxItems":300},"li":{"type":"array","items":{"type":"integer"},"maxItems":200000},"lo":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","maxLength":1000},"b":{"type":"integer"},"c":{"type":"array","items":{"type":"string","maxLength":1000},"maxItems":50},"e":{"type":"string","enum":["abc","de"]}}},"maxItems":2000},"m":{"type":"object","additionalProperties":{"type":"string","maxLength":1000},"maxProperties":20000},"mo":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"string","maxLength":1000},"l":{"type":"array","items":{"type":"string","maxLength":1000},"maxItems":100}}},"maxProperties":1000},"s":{"type":"string","maxLength":500000},"t":{"type":"string","maxLength":200000},"u":{"type":"string"},"un":{"type":"array","items":{"type":"string"}},"dur":{"type":"string","format":"duration"},"by":{"type":"string","format":"byte","maxLength":100000},"ios":{"x-kubernetes-int-or-string":true},"lm":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string","maxLength":1000},"v":{"type":"integer"}},"required":["k"]},"maxItems":5000,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]},"ll":{"type":"array","items":{"type":"array","items":{"type":"string","maxLength":1000},"maxItems":100},"maxItems":1000},"unm":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"string"}}}},"en":{"type":"array","items":{"type":"string","enum":["a","bbbbbbbb"]},"maxItems":100000},"ldt":{"type":"array","items":{"type":"string","format":"date-time"},"maxItems":100000},"lb":{"type":"array","items":{"type":"boolean"},"maxItems":100000},"o":{"type":"object","properties":{"a":{"type":"string","maxLength":1000}}}}}""";

    public static TheoryData<string, string> All { get; } = new()
    {
        { "self.l.all(x, x.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "4.0x" },
        { "self.l.all(x, x.matches('^abc[a-z]+def[0-9]+$'))", "4.0x" },
        { "self.l.all(x, x.startsWith('abc') && x.endsWith('d') && x.size() > 5)", "accepted" },
        { "self.l.all(x, self.l2.exists(y, y == x))", "more than 100x" },
        { "self.l.all(x, x in self.l2)", "accepted" },
        { "self.l.exists_one(x, x == self.s)", "accepted" },
        { "self.l.map(x, x + 'abc').all(y, y.contains('abcabcabcabc'))", "accepted" },
        { "self.l.filter(x, x.startsWith('a')).size() == 3 && self.l.all(x, x.lowerAscii() == x)", "1.6x" },
        { "self.l.map(x, x.upperAscii()).exists(x, x.matches('abc'))", "accepted" },
        { "self.l.all(x, x.replace('a', 'bb').contains('cccccccccccc'))", "4.8x" },
        { "self.l.all(x, x.split(',').all(y, y.contains('aaaaaaaa')))", "33.6x" },
        { "self.l.all(x, x.split(',', 5).all(y, y.size() > 1))", "1.7x" },
        { "self.l.join(',').contains('abcabcabcabcabc')", "2.4x" },
        { "self.l.isSorted() && self.l.isSorted()", "1.6x" },
        { "self.li.sum() > 5 && self.li.all(x, x > 0 && x < 100) && self.li.all(x, x + 1 > 2 && x * 2 < 3 && x - 1 < 0)", "accepted" },
        { "self.l.indexOf('a') > 0 && self.l.max() > 'a'", "1.6x" },
        { "self.s.matches(self.t)", "more than 100x" },
        { "self.s == self.t && self.s < self.t && self.s != self.u", "accepted" },
        { "self.s.contains(self.t)", "more than 100x" },
        { "self.s + self.t == self.u", "accepted" },
        { "(self.s + self.t).contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "accepted" },
        { "self.lo.all(x, x.c.all(y, y.contains('aaaaaaaaaaa')))", "8.0x" },
        { "self.lo.all(x, self.lo.all(y, x.a == y.a))", "more than 100x" },
        { "self.lo.all(x, self.lo.exists_one(y, x.b == y.b && x.e == y.e))", "4.4x" },
        { "self.lo.all(x, has(x.a) && has(x.b) ? x.a.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') : "
            + "x.b > 0)", "accepted" },
        { "self.m.all(k, self.m[k].contains('aaaaaaaaaaaaaaaa'))", "1.6x" },
        { "self.m.all(k, k.contains('aaaaaaaaaaa'))", "accepted" },
        { "self.m.all(k, v, v.contains('aaaaaaaaaaaaaaaa') && k.startsWith('a'))", "1.6x" },
        { "self.mo.all(k, self.mo[k].l.all(y, y.contains('aaaaaaaaa')))", "4.0x" },
        { "self.mo.all(k, self.mo[k].a.matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.mo.map(k, self.mo[k].a).join(',').contains('aaaaaaaaaaaaaaaaaaaa')", "more than 100x" },
        { "self.un.all(x, x == 'a')", "accepted" },
        { "self.un.all(x, x.size() < 5)", "accepted" },
        { "self.un.size() < 5", "accepted" },
        { "self.un.exists(x, self.un.exists(y, x == y))", "more than 100x" },
        { "self.unm.all(k, self.unm[k].a == 'a')", "accepted" },
        { "self.ll.all(x, x.all(y, y.contains('aaaaaaaaaaaaa')))", "8.0x" },
        { "self.ll.all(x, x.size() < 5 && "
            + "x[0].contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.en.all(x, x == 'a') && self.en.all(x, x.contains('aa')) && self.en.all(x, x.matches('^a')) && "
            + "self.en.all(x, x.size() > 1)", "accepted" },
        { "self.ldt.all(x, x < timestamp('2024-01-01T00:00:00Z')) && self.ldt.all(x, x == "
            + "timestamp('2024-01-01T00:00:00Z')) && self.ldt.all(x, x.getHours() > 1) && self.ldt.all(x, x.getHours() "
                + "> 1)", "accepted" },
        { "self.lb.all(x, x) && self.lb.all(x, !x) && self.lb.all(x, x == true) && self.lb.all(x, x || x)&& "
            + "self.lb.all(x, x || x)&& self.lb.all(x, x || x)&& self.lb.all(x, x || x)&& self.lb.all(x, x || x)", "accepted" },
        { "self.lm.all(x, self.lm.exists(y, y.k == x.k && y.v == x.v))", "more than 100x" },
        { "self.lm.all(x, oldSelf.lm.exists(y, y.k == x.k))", "more than 100x" },
        { "self.l.all(x, cidr(x).containsIP('1.2.3.4'))", "accepted" },
        { "self.l.all(x, isCIDR(x) && cidr(x).masked() == cidr(x)) && self.l.all(x, isIP(x) && ip(x).family() == 4)", "4.0x" },
        { "self.l.all(x, cidr('10.0.0.0/8').containsCIDR(x))", "accepted" },
        { "self.l.all(x, quantity(x).isGreaterThan(quantity('5'))) && self.l.all(x, isQuantity(x)) && self.l.all(x, "
            + "url(x).getHost() == 'a')", "2.4x" },
        { "self.l.all(x, x.find('a+').contains('a')) ", "1.6x" },
        { "self.l.all(x, x.findAll('a+').size() > 1)", "accepted" },
        { "self.l.all(x, x.charAt(0) == 'a') && self.l.all(x, x.indexOf('a') == 0) && self.l.all(x, x.substring(1) == "
            + "'a') && self.l.all(x, x.trim() == x)", "3.2x" },
        { "self.l.all(x, int(x) > 5) && self.l.all(x, string(int(x)) == 'a') && self.l.all(x, double(x) > 1.0)&& "
            + "self.l.all(x, size(x) > 1)&& self.l.all(x, size(x) > 1)&& self.l.all(x, size(x) > 1)", "accepted" },
        { "self.l.all(x, bytes(x) == b'a') && self.l.all(x, x == 'a' ? true : x == 'b') && self.l.all(x, "
            + "string(bytes(x)) == x)", "5.6x" },
        { "self.l.sort().size() > 1", "84.0x" },
        { "self.l2.sort() == self.l2 && self.l2.distinct() == self.l2 && self.l2.all(x, self.l2.all(y, x.contains(y)))", "more than 100x" },
        { "self.l.reverse().all(x, x.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.l.slice(0, 100).all(x, x.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.ll.flatten().all(x, x.contains('aaaaaaaaaaa'))", "accepted" },
        { "lists.range(1000000).all(x, x > 1 && x < 100)", "accepted" },
        { "self.lo.sortBy(x, x.b).size() > 0", "accepted" },
        { "sets.contains(self.l, self.l2) && sets.equivalent(self.l2, self.l2) && sets.intersects(self.l, self.l2)", "1.218001x" },
        { "self.l.all(i, v, v.contains('aaaaaaaaaaaaaaaaaaaaaaa') && i > 5)", "2.4x" },
        { "self.l.transformList(i, v, v + 'a').all(x, x.contains('aaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.m.transformMap(k, v, v + 'a').all(k, k.contains('aaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.m.transformMap(k, v, v + 'a').all(k, v, v.contains('aaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "self.l.all(x, '%s-%s'.format([x, x]).contains('aaaaaaaaaaaaa'))", "more than 100x" },
        { "self.l.all(x, [x, 'a', 'b'].exists(y, y.contains('aaaa')))", "accepted" },
        { "self.l.all(x, {'a': x}['a'].contains('aaaaaaa'))", "accepted" },
        { "self.l.all(x, dyn(x) == 'aaa') && self.l.all(x, type(x) == string)", "accepted" },
        { "self.?s.orValue('abc').contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "more than 100x" },
        { "self.?l.orValue([]).all(x, x.contains('aaaaaaaaaaaaaaaaaaa'))", "more than 100x" },
        { "self.l[?0].orValue('a').contains('aaaaaaaaaaaa')", "more than 100x" },
        { "self.l[0].contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "accepted" },
        { "self.?o.?a.optMap(x, x.contains('aa')).orValue(true)", "more than 100x" },
        { "self.ios == 'aaa' && self.ios != 5 && self.ios.contains('a')", "accepted" },
        { "self.by == b'abc' && size(self.by) > 5 && "
            + "string(self.by).contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "accepted" },
        { "format.dns1123Label().validate(self.s).hasValue()", "accepted" },
        { "self.l.all(x, !format.dns1123Label().validate(x).hasValue())", "25.6x" },
        { "self.s.split('').all(x, x.contains('a'))", "accepted" },
        { "self.s.split('').size() > 5", "accepted" },
        { "(self.o.a == 'a' ? self.s : "
            + "self.t).contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "accepted" },
        { "(self.l + self.l2).all(x, x.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "(self.l + ['a']).all(x, x.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))", "accepted" },
        { "strings.quote(self.s).contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "accepted" },
        { "self.l.first().value().contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "more than 100x" },
        { "self.l.all(x, optional.of(x).value().contains('aaaaaaaaaaaa'))", "more than 100x" },
        { "self.l == self.l2", "accepted" },
        { "self.lo == self.lo", "accepted" },
        { "self.o == oldSelf.o", "accepted" },
        { "self.m == self.m", "accepted" },
    };
}
