using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Tests.Validation;

public sealed class Re2Tests
{
    [Theory]
    [InlineData("^a$", "a", true)]
    [InlineData("^a$", "a\n", false)]
    [InlineData("(?m)^b$", "a\nb\nc", true)]
    [InlineData("^.$", "\n", false)]
    [InlineData("(?s)^.$", "\n", true)]
    [InlineData("^.{2}$", "😀é", true)]
    [InlineData("^[^a]$", "😀", true)]
    [InlineData("^😀+$", "😀😀", true)]
    [InlineData(@"^\d$", "٣", false)]
    [InlineData(@"^[\w-]+$", "a-b_c", true)]
    [InlineData(@"^\W$", "é", true)]
    [InlineData("^[[:alpha:]]+$", "abc", true)]
    [InlineData("^[[:^digit:]]$", "a", false)]
    [InlineData(@"^\pL$", "é", true)]
    [InlineData(@"^\x{e9}$", "é", true)]
    [InlineData(@"^\Qa.b\E$", "a.b", true)]
    [InlineData("^[[]$", "[", true)]
    [InlineData("(?P<name>a)b", "ab", true)]
    public void Patterns_mean_what_they_mean_to_re2(string pattern, string text, bool isMatch) =>
        Assert.Equal(isMatch, Re2.TryCompile(pattern, out var regex, out _) && regex.IsMatch(text));

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?<!a)")]
    [InlineData(@"(a)\1")]
    [InlineData("a{1001}")]
    [InlineData("[a")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("*a")]
    [InlineData("[[:nonsense:]]")]
    [InlineData(@"\")]
    public void What_re2_does_not_know_does_not_compile(string pattern)
    {
        Assert.False(Re2.TryCompile(pattern, out _, out var problem));
        Assert.StartsWith("error parsing regexp: ", problem, StringComparison.Ordinal);
    }
}
