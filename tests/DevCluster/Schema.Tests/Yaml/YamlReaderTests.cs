using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;

namespace DevCluster.Schema.Tests.Yaml;

/// <summary>Every expectation here is an answer of kubectl 1.36.2 to the same input.</summary>
public sealed class YamlReaderTests
{
    private const string JsonA = """{"kind":"X","name":"a"}""";
    private const string YamlB = "kind: X\nname: b\n";

    public static TheoryData<string, string> Values => ScalarCases.Values;

    public static TheoryData<string, string> Keys => ScalarCases.Keys;

    [Theory]
    [MemberData(nameof(Values))]
    public void A_scalar_has_the_type_that_kubectl_sees(string yaml, string json)
    {
        var text = $"k: {yaml}\n";
        if (json == "error")
        {
            Assert.Throws<FormatException>(() => YamlReader.ReadAll(text));
            return;
        }

        AssertSame(json, Assert.Single(YamlReader.ReadAll(text))["k"]);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_is_the_text_that_kubectl_makes_of_it(string yaml, string key)
    {
        var text = $"data:\n  {yaml}: v\n";
        if (key == "error")
        {
            Assert.Throws<FormatException>(() => YamlReader.ReadAll(text));
            return;
        }

        Assert.Equal(key, Assert.Single(Assert.Single(YamlReader.ReadAll(text))["data"]!.AsObject()).Key);
    }

    [Theory]
    [InlineData(JsonA + "\n" + JsonA, "a a")]
    [InlineData(JsonA + JsonA, "a a")]
    [InlineData(JsonA + "\n---\n" + YamlB, "a b")]
    [InlineData(JsonA + "\n# x\n", "a")]
    [InlineData(YamlB + "---\n" + JsonA, "b a")]
    [InlineData(YamlB + "---\r\n" + YamlB, "b b")]
    [InlineData(YamlB + "--- # next\n" + YamlB, "b b")]
    [InlineData(YamlB + "...\n---\n" + YamlB, "b b")]
    [InlineData(YamlB + "...\n" + YamlB, "b")]
    [InlineData("\uFEFF" + YamlB + "---\n\uFEFF" + YamlB, "b b")]
    [InlineData("\uFEFF" + JsonA, "a")]
    [InlineData("{kind: X, name: c}", "c")]
    [InlineData("name: d\ndata:\n  k: |\n    x\n    ---\n    y\n", "d")]
    [InlineData("name: d\ndata:\n  k: |\n    x\n---\n" + YamlB, "d b")]
    [InlineData("", "")]
    [InlineData("  \n\n", "")]
    [InlineData("# nothing\n", "")]
    [InlineData("---\n---\n", "")]
    [InlineData("null\n", "")]
    public void Documents_are_cut_as_kubectl_cuts_them(string text, string names) =>
        Assert.Equal(names, string.Join(' ', YamlReader.ReadAll(text).Select(document => (string?)document["name"])));

    [Theory]
    [InlineData("--- foo\na: 1\n", "line 1:")]
    [InlineData("a: 1\n----\nb: 1\n", "line 2:")]
    [InlineData("%YAML 1.1\n---\na: 1\n", "document start")]
    [InlineData(JsonA + "," + JsonA, "line 1:")]
    [InlineData(JsonA + "\n x", "line 2:")]
    [InlineData("{a: 1\n", "JSON")]
    [InlineData("a: [1, 2\n", "line")]
    [InlineData("a: \"x\n", "line")]
    [InlineData("a: 1\n\tb: 2\n", "tab")]
    [InlineData("a: 1\nb: x\0y\n", "line 2: control characters are not allowed")]
    [InlineData("a: *x\n", "line 1: unknown anchor 'x' referenced")]
    [InlineData("- - 1\n -x: [\n", "line")]
    public void Malformed_text_is_refused_with_its_line(string text, string message) =>
        Assert.Contains(
            message, Assert.Throws<FormatException>(() => YamlReader.ReadAll(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_byte_order_mark_says_which_unicode_it_is()
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("name: \u00e9\n")];

            Assert.Equal("\u00e9", (string?)Assert.Single(YamlReader.ReadAll(bytes))["name"]);
        }
    }

    [Theory]
    [InlineData("<<: &m {k: 1, l: 2}\nl: 3\n", """{"k":1,"l":3}""")]
    [InlineData("l: 3\n<<: [{k: 1, l: 2}, {k: 5, m: 6}]\n", """{"l":2,"k":1,"m":6}""")]
    [InlineData("\"<<\": {k: 1}\n", """{"<<":{"k":1}}""")]
    [InlineData("x: &x {k: 1}\nd: *x\n", """{"x":{"k":1},"d":{"k":1}}""")]
    [InlineData("x: &x k\nd: {*x : 1}\n", """{"x":"k","d":{"k":1}}""")]
    [InlineData("x: &x 1\nw: *x\nz: &x 2\nv: *x\n", """{"x":1,"w":1,"z":2,"v":2}""")]
    [InlineData("k: 1\nk: 2\n", """{"k":2}""")]
    [InlineData("yes: 1\non: 2\n", """{"true":2}""")]
    public void Anchors_merges_and_repeated_keys_mean_what_kubectl_reads(string yaml, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Assert.Single(YamlReader.ReadAll(yaml))));

    [Fact]
    public void Repeated_keys_are_named()
    {
        var duplicates = new List<string>();
        YamlReader.ReadFirst("a: [{b: 1, b: 2}]\nc: {yes: 1, on: 2}\n"u8, duplicates);

        Assert.Equal(["a[0].b", "c.true"], duplicates);
    }

    [Theory]
    [InlineData(
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A, n: 1}, {apiVersion: v1, kind: B, n: 2}]",
        "v1/A v1/B")]
    [InlineData("apiVersion: g/v1\nkind: AppList\nitems: [{n: 1}, {apiVersion: v1, kind: B}]", "g/v1/App v1/B")]
    [InlineData("apiVersion: g/v1\nkind: FooList\nitems: [{kind: Y}]", "g/v1/Foo")]
    [InlineData("apiVersion: g/v1\nkind: Foo\nitems: [{n: 1}]", "g/v1/Foo")]
    [InlineData("apiVersion: g/v1\nkind: FooList\nitems: []", "")]
    [InlineData("apiVersion: g/v1\nkind: FooList\nitems:", "")]
    [InlineData(
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: A}]}]",
        "v1/A")]
    [InlineData("apiVersion: v1\nkind: A", "v1/A")]
    public void A_list_of_any_kind_is_its_items(string yaml, string kinds) =>
        Assert.Equal(
            kinds,
            string.Join(' ', YamlReader.Flatten(Assert.Single(YamlReader.ReadAll(yaml)).AsObject())
                .Select(item => $"{item["apiVersion"]}/{item["kind"]}")));

    public static TheoryData<string, string> Bombs => new()
    {
        { "a: &a\n  b: *a\n", "contains itself" },
        { "a: &a\n  <<: *a\n", "contains itself" },
        { "a: &a [[*a]]\n", "contains itself" },
        { "? &a [*a]\n: 1\n", "" },
        { AliasBomb("[", "]"), "excessive aliasing" },
        { AliasBomb("{a: ", "}", ", b: "), "excessive aliasing" },
        { "x: " + new string('[', 600) + new string(']', 600), "deeper" },
        { "x: " + new string('[', 1_000_000), "deeper" },
        { string.Concat(Enumerable.Repeat("- ", 500_000)), "deeper" },
        { "x: " + string.Concat(Enumerable.Repeat("{a: ", 300_000)), "deeper" },
        { new string('{', 1_000_000), "" },
        { string.Concat(Enumerable.Repeat("{\"a\":", 300_000)), "" },
        { "? " + string.Concat(Enumerable.Repeat("? ", 300_000)), "deeper" },
        { Chain(600), "" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void No_depth_self_reference_or_alias_bomb_does_more_than_fail(string text, string message)
    {
        Assert.Contains(
            message, Assert.Throws<FormatException>(() => YamlReader.ReadAll(text)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => YamlReader.ReadFirst(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Nine levels of nine references each: 387 million values.</summary>
    private static string AliasBomb(string open, string close, string between = ",")
    {
        var text = new StringBuilder($"a0: &a0 {open}x{close}\n");
        for (var level = 1; level < 9; level++)
        {
            var references = Enumerable.Range(0, 9)
                .Select(i => i > 1 && between != "," ? $"c{i}: *a{level - 1}" : $"*a{level - 1}");
            var content = between == ","
                ? string.Join(between, references)
                : string.Join(
                    ", ",
                    references.Select(
                        (reference, i) => i switch { 0 => reference, 1 => "b: " + reference, _ => reference }));
            text.Append(CultureInfo.InvariantCulture, $"a{level}: &a{level} {open}{content}{close}\n");
        }

        return text.ToString();
    }

    /// <summary>Each alias adds a level, so that no part of the text itself is deep.</summary>
    private static string Chain(int length) => "a0: &a0 [1]\n"
        + string.Concat(Enumerable.Range(1, length).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n"));

    private static void AssertSame(string json, JsonNode? actual)
    {
        var expected = JsonNode.Parse(json);
        if (expected?.GetValueKind() == JsonValueKind.Number)
        {
            // kubectl prints numbers beyond 64 bits by way of a double.
            Assert.Equal(JsonValueKind.Number, actual!.GetValueKind());
            Assert.Equal(Number(expected), Number(actual));
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(expected, actual), $"{json} is {actual?.ToJsonString() ?? "null"}");
        }
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
