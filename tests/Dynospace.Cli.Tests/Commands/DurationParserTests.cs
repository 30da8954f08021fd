using Dynospace.Cli.Commands;
using Xunit;

namespace Dynospace.Cli.Tests.Commands;

public sealed class DurationParserTests
{
    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("2m", 120)]
    [InlineData("1.5h", 5400)]
    public void Spans_are_read_as_people_write_them(string text, double seconds)
    {
        Assert.True(DurationParser.TryParse(text, out var span));
        Assert.Equal(TimeSpan.FromSeconds(seconds), span);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("0")]
    [InlineData("2x")]
    [InlineData("1e9")]
    [InlineData("9999h")]
    public void Everything_else_is_refused(string text) => Assert.False(DurationParser.TryParse(text, out _));
}
