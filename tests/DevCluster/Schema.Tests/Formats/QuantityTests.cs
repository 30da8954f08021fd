using CsCheck;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Tests.Formats;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0.5", "500m")]
    [InlineData("1500m", "1500m")]
    [InlineData("1000m", "1")]
    [InlineData("1000", "1k")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("512Ki", "512Ki")]
    [InlineData("0", "0")]
    [InlineData("1e3", "1e3")]
    [InlineData("128974848", "128974848")]
    [InlineData("-1", "-1")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("+1", "1")]
    [InlineData("1.", "1")]
    [InlineData(".5", "500m")]
    [InlineData("1E3", "1e3")]
    [InlineData("1E", "1E")]
    [InlineData("Gi", "0")]
    [InlineData("1.0000000001", "1000000001n")]
    [InlineData("1e-10", "1e-9")]
    public void The_canonical_form_is_the_servers(string written, string canonical)
    {
        Assert.True(Quantity.TryParse(written, out var quantity));
        Assert.Equal(canonical, quantity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two")]
    [InlineData("1Zi")]
    [InlineData("1 Gi")]
    [InlineData("1.2.3")]
    [InlineData("1x")]
    [InlineData("1GB")]
    [InlineData("1Gib")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1e")]
    [InlineData("0x1")]
    [InlineData("1_000")]
    [InlineData("12e2.5")]
    [InlineData("--1")]
    [InlineData("１")]
    public void What_is_not_a_quantity_is_refused(string written) => Assert.False(Quantity.TryParse(written, out _));

    [Fact]
    public void Sums_are_exact() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000]).Sample((left, right) =>
        {
            Assert.True(Quantity.TryParse($"{left}m", out var a));
            Assert.True(Quantity.TryParse($"{right}m", out var b));
            Assert.True(Quantity.TryParse($"{left + right}m", out var sum));
            Assert.Equal(0, (a + b).CompareTo(sum));
        });
}
