using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Tables;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tests.Tables;

public sealed class BuiltInColumnsTests
{
    [Theory]
    [MemberData(nameof(TableCases.Columns), MemberType = typeof(TableCases))]
    public void A_resource_has_the_columns_of_the_real_api(string group, string plural, string columns)
    {
        var actual = BuiltInColumns.For(new ResourceId(group, plural))
            .Select(column => $"{column.Name}|{column.Type}|{column.Format}|{column.Priority}");

        Assert.Equal(JsonNode.Parse(columns)!.AsArray().Select(column => (string)column!), actual);
    }

    [Theory]
    [MemberData(nameof(TableCases.Rows), MemberType = typeof(TableCases))]
    public void An_object_is_printed_as_by_the_real_api(
        string group, string plural, string now, string content, string cells)
    {
        var time = DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
        var row = JsonNode.Parse(content)!.AsObject();

        var actual = new JsonArray(
            [.. BuiltInColumns.For(new ResourceId(group, plural)).Select(column => column.Cell(row, time))]);

        Assert.Equal(
            cells,
            actual.ToJsonString(
                new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void A_resource_without_columns_of_its_own_shows_name_and_age() =>
        Assert.Equal(
            ["Name", "Age"], BuiltInColumns.For(new ResourceId("", "serviceaccounts")).Select(column => column.Name));
}
