using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>The spaces and apps of a matrix: the operator makes their dynos.</summary>
internal sealed class MatrixDynos(
    Workload program,
    SpaceRuntime runtime,
    TestSpace space,
    TestSpace rival,
    TestSpace third,
    string searchNamespace)
{
    /// <summary>Where routers run it matters whom a space trusts; nobody needs to know otherwise.</summary>
    private static readonly string[] Trusted = [$"{MatrixAddresses.Find("internet")}/32"];

    public string OtherApp { get; } = runtime == SpaceRuntime.Common ? "blog" : "intranet";

    public Task StartSpacesAsync() =>
        Task.WhenAll(
            space.StartAsync(runtime, Connect),
            rival.StartAsync(runtime, Connect),
            third.StartAsync(runtime == SpaceRuntime.Common ? SpaceRuntime.Private : SpaceRuntime.Common));

    public async Task StartAsync()
    {
        await space.CreateAppAsync("shop", program, null, ("web", 2), ("worker", 1));
        await space.CreateAppAsync(
            OtherApp, program, app => app.InternalRouting = runtime != SpaceRuntime.Common, ("web", 2));
        await rival.CreateAppAsync("shop", program, null, ("web", 1));
        // For the internal router that it brings.
        await (runtime == SpaceRuntime.Common ? third : rival).CreateAppAsync(
            OtherApp, program, app => app.InternalRouting = true, ("web", 0));
        await Task.WhenAll(space.AppReadyAsync("shop"), space.AppReadyAsync(OtherApp), rival.AppReadyAsync("shop"));
        await space.CreateRunAsync("shop", 1, program);
        await space.CreateRunAsync("shop", 2, program);
        // A release phase that does not end: its dyno stays, and so do those of the release before.
        var command = new JsonArray([.. program.Command.Select(word => JsonValue.Create(word))]);
        await space.PatchAppAsync("shop", new JsonObject { ["release"] = new JsonObject { ["command"] = command } });
    }

    /// <summary>The pods of all dynos once they run, by the dyno's name or by what the matrix calls them.</summary>
    public Task<IEnumerable<(string Name, V1Pod Pod)>> RunningAsync()
    {
        string[] names =
        [
            "shop.web.1",
            "shop.web.2",
            "shop.run.1",
            "shop.run.2",
            $"{OtherApp}.web.1",
            $"{OtherApp}.web.2",
        ];
        return space.UntilAsync("all dynos run", state =>
        {
            var pods = names.Select(name => (Name: name, Pod: DynoPods.Of(state, space.Name, name)))
                .Append((Name: "worker", Pod: DynoPods.Of(state, space.Name, "shop.worker.1")))
                .Append((Name: "release phase", Pod: DynoPods.OfType(state, space.Name, ProcessTypes.Release)))
                .Append((Name: "dyno of another space", Pod: DynoPods.Of(state, rival.Name, "shop.web.1")))
                .ToList();
            return pods.TrueForAll(pair => pair.Pod is not null) ? pods.Select(pair => (pair.Name, pair.Pod!)) : null;
        });
    }

    private void Connect(SpaceSpec spec)
    {
        if (runtime == SpaceRuntime.Common)
        {
            return;
        }

        spec.TrustedIPRanges = [.. Trusted];
        spec.Router = new() { Replicas = 1 };
        spec.PeerNetworks =
        [
            new()
            {
                Name = "hq",
                Via = PeerConnection.VPN,
                Cidrs = [$"{MatrixAddresses.Find(MatrixAddresses.PeerNetwork)}/32"],
            },
        ];
        spec.DataServices =
        [
            new() { Name = "orders-db", PodSelector = Selecting("orders-db"), Ports = [5432] },
            new()
            {
                Name = "search",
                Namespace = searchNamespace,
                PodSelector = Selecting(Bystanders.Search),
                Ports = [9200, 9300],
            },
            new()
            {
                Name = "warehouse",
                Cidrs = [$"{MatrixAddresses.Find(MatrixAddresses.DataServiceByAddress)}/32"],
                Ports = [5432],
            },
        ];
    }

    private static V1LabelSelector Selecting(string app) =>
        new() { MatchLabels = new Dictionary<string, string> { ["app"] = app } };
}
