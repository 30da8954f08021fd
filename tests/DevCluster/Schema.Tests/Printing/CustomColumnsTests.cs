using System.Text.Json.Nodes;
using DevCluster.Schema.Printing;

namespace DevCluster.Schema.Tests.Printing;

public sealed class CustomColumnsTests
{
    private static readonly DateTimeOffset Now = new(2024, 1, 1, 0, 5, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("string", "\"text\"", "\"text\"")]
    [InlineData("string", "5", "\"5\"")]
    [InlineData("string", "1234567.5", "\"1.2345675e\\u002B06\"")]
    [InlineData("string", "{\"b\":[1]}", "\"{\\u0022b\\u0022:[1]}\"")]
    [InlineData("string", "null", "\"\\u003Cno value\\u003E\"")]
    [InlineData("integer", "5", "5")]
    [InlineData("integer", "5.7", "5")]
    [InlineData("integer", "\"5\"", "null")]
    [InlineData("number", "5", "5")]
    [InlineData("boolean", "true", "true")]
    [InlineData("boolean", "\"true\"", "null")]
    [InlineData("date", "\"2024-01-01T00:00:00Z\"", "\"5m\"")]
    [InlineData("date", "\"yesterday\"", "\"\\u003Cinvalid\\u003E\"")]
    public void A_cell_shows_values_that_suit_its_column(string type, string value, string cell)
    {
        var column =
            CustomColumns.Read([new JsonObject { ["name"] = "C", ["type"] = type, ["jsonPath"] = ".spec.v" }])[1];
        var content = new JsonObject { ["spec"] = new JsonObject { ["v"] = JsonNode.Parse(value) } };

        Assert.Equal(cell, column.Cell(content, Now)?.ToJsonString() ?? "null");
    }
}
