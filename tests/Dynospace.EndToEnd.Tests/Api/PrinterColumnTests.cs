using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Api;

/// <summary>
/// <c>kubectl get</c> answers at a glance what is up, where, and why not: the columns that the server makes of our
/// objects.
/// </summary>
public sealed class PrinterColumnTests(Platform platform)
{
    [Fact]
    public async Task Columns_show_what_is_up_and_where()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        await space.AppReadyAsync("shop");
        await space.UntilAsync(
            "the space counts three dynos",
            state => (string?)state.Find(Kinds.Space, space.Key)!.Content["status"]!["dynos"] == "3/3" ? state : null);

        var inSpace = await RowAsync(Kinds.Space, space.Key);
        var inApp = await RowAsync(Kinds.App, space.In("shop"));
        var inDyno = await RowAsync(Kinds.Dyno, space.In("shop.web.1"));

        Assert.Equal(
            (space.Name, "Common", space.Region, "1", "3/3", "True", Reasons.Ready),
            (inSpace["Name"],
                inSpace["Runtime"],
                    inSpace["Region"], inSpace["Apps"], inSpace["Dynos"], inSpace["Ready"], inSpace["Reason"]));
        Assert.Equal(
            ("shop", "web=2 worker=1", "3/3", "1", "True", Reasons.Ready),
            (inApp["Name"], inApp["Formation"], inApp["Up"], inApp["Release"], inApp["Ready"], inApp["Reason"]));
        var status = space.Now(Kinds.Dyno, "shop.web.1").Content["status"]!;
        Assert.Equal(
            ("shop.web.1", "Up", "1", (string)status["podIP"]!, (string)status["node"]!, "0", "True", Reasons.Up),
            (inDyno["Name"],
                inDyno["State"],
                    inDyno["Release"],
                        inDyno["IP"], inDyno["Node"], inDyno["Restarts"], inDyno["Up"], inDyno["Reason"]));
    }

    [Fact]
    public async Task Columns_show_why_something_is_not_up()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", platform.Workloads.Missing, null, ("worker", 1));
        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.ImagePullFailed);
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.DynosNotUp);

        var dyno = await RowAsync(Kinds.Dyno, space.In("shop.worker.1"));
        var app = await RowAsync(Kinds.App, space.In("shop"));

        Assert.Equal(("Starting", "False", Reasons.ImagePullFailed), (dyno["State"], dyno["Up"], dyno["Reason"]));
        Assert.Equal(
            "The image cannot be pulled: check spec.image and spec.imagePullSecrets of the App.", dyno["Message"]);
        Assert.Equal(("0/1", "False", Reasons.DynosNotUp), (app["Up"], app["Ready"], app["Reason"]));
    }

    private async Task<IReadOnlyDictionary<string, string>> RowAsync(ResourceKind kind, ObjectKey key)
    {
        var table = (await platform.Api.SendAsync(
            HttpMethod.Get,
            kind.ObjectPath(key),
            null,
            ApiClient.Json,
            ApiClient.Table,
            TestContext.Current.CancellationToken)).Require();
        var cells = Assert.Single(table["rows"]!.AsArray())!["cells"]!.AsArray();
        return table["columnDefinitions"]!.AsArray()
            .Select((column, index) => (Name: (string)column!["name"]!, Cell: cells[index]?.ToString() ?? ""))
            .ToDictionary(column => column.Name, column => column.Cell);
    }
}
