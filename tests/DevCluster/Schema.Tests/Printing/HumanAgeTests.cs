using System.Text.Json.Nodes;
using DevCluster.Schema.Printing;

namespace DevCluster.Schema.Tests.Printing;

public sealed class HumanAgeTests
{
    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(200, "3m20s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(10799, "179m")]
    [InlineData(10800, "3h")]
    [InlineData(11100, "3h5m")]
    [InlineData(28800, "8h")]
    [InlineData(172799, "47h")]
    [InlineData(172800, "2d")]
    [InlineData(183600, "2d3h")]
    [InlineData(691200, "8d")]
    [InlineData(63072000, "2y")]
    [InlineData(63158400, "2y1d")]
    [InlineData(252288000, "8y")]
    public void Ages_have_two_or_three_figures(long seconds, string shown) =>
        Assert.Equal(shown, HumanAge.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("null", "<unknown>")]
    [InlineData("\"nonsense\"", "<invalid>")]
    [InlineData("\"2024-01-01T00:00:00Z\"", "1s")]
    public void What_is_not_a_time_has_no_age(string timestamp, string shown) =>
        Assert.Equal(
            shown, HumanAge.Since(JsonNode.Parse(timestamp), new DateTimeOffset(2024, 1, 1, 0, 0, 1, TimeSpan.Zero)));
}
