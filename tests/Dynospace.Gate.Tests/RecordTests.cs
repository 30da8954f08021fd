using System.Text;
using Dynospace.Gate.Recording;

namespace Dynospace.Gate.Tests;

public sealed class RecordTests
{
    [Theory]
    [InlineData("ls -l\r", """ "ls -l\r" """)]
    [InlineData("a\tb\n\e[A\x3", """ "a\tb\n\e[A\x03" """)]
    [InlineData("say \"hi\" \\", """ "say \"hi\" \\" """)]
    [InlineData("größer 日本", """ "größer 日本" """)]
    [InlineData(
        "a\u202eb\u2028c\u200bd\u00a0e\u0085", """ "a\xe2\x80\xaeb\xe2\x80\xa8c\xe2\x80\x8bd\xc2\xa0e\xc2\x85" """)]
    public void Typed_text_is_one_visible_line(string typed, string quoted) =>
        Assert.Equal(quoted.Trim(), RecordedText.Quote(Encoding.UTF8.GetBytes(typed)));

    [Fact]
    public void What_is_no_text_is_escaped_byte_by_byte() =>
        Assert.Equal("\"a\\xff\\xc3\\xe6\\x97b\"", RecordedText.Quote([(byte)'a', 0xFF, 0xC3, 0xE6, 0x97, (byte)'b']));

    [Fact]
    public void A_person_never_waits_and_a_flood_does()
    {
        var budget = new RecordBudget();

        Assert.Equal(TimeSpan.Zero, budget.Take(RecordBudget.Burst, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(1), budget.Take(RecordBudget.BytesPerSecond, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, budget.Take(100, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void The_record_ends_at_its_limit_for_good()
    {
        var budget = new RecordBudget();
        Assert.NotNull(budget.Take(RecordBudget.MostBytes - 1, TimeSpan.Zero));

        Assert.Null(budget.Take(2, TimeSpan.Zero));
        Assert.Null(budget.Take(1, TimeSpan.FromDays(1)));
    }

    [Theory]
    [InlineData]
    [InlineData("--gate", "127.0.0.1:1")]
    public void Other_words_are_the_gates(params string[] words) => Assert.Null(RecordingProgram.Run(words));

    [Theory]
    [InlineData("record")]
    [InlineData("record", "--socket", "/run/record")]
    [InlineData("record", "--socket", "/run/record", "--timeout", "soon", "--", "sh")]
    [InlineData("keep", "/run/record")]
    [InlineData("install")]
    public void A_wrong_command_line_is_refused(params string[] words) => Assert.Equal(2, RecordingProgram.Run(words));
}
