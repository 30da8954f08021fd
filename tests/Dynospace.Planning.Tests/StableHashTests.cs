namespace Dynospace.Planning.Tests;

public sealed class StableHashTests
{
    [Fact]
    public void The_canonical_form_never_changes() =>
        Assert.Equal(
            "9cb62b9ed77f2004283f307cf8a3cafa",
            new StableHash().Add("shop").Add(7).Add(["bin/web", "--fast"]).Add((string?)null).ToHex());

    [Theory]
    [InlineData(new[] { "ab", "c" }, new[] { "a", "bc" })]
    [InlineData(new[] { "a" }, new[] { "a", "" })]
    [InlineData(new string[0], new[] { "" })]
    public void Lists_that_read_alike_hash_apart(string[] left, string[] right) =>
        Assert.NotEqual(new StableHash().Add(left).ToHex(), new StableHash().Add(right).ToHex());

    [Fact]
    public void A_name_suffix_is_made_of_letters_and_digits_that_a_name_may_end_with() =>
        Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{10}$", new StableHash().Add("x").ToNameSuffix(10));
}
