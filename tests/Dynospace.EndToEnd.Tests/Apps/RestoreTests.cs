using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>
/// Apps whose children have lost their owner: by a restore from a backup, or by an orphaning deletion.
/// </summary>
public sealed class RestoreTests(Platform platform)
{
    /// <summary>What a backup tool keeps of a namespace, in the order in which it brings it back.</summary>
    private static readonly ResourceKind[] Kept =
        [Kinds.Secret, Kinds.Pod, Kinds.App, Kinds.Revision, Kinds.Dyno, Kinds.Policy, Kinds.Service];

    private static readonly string[] KeptMetadata = ["name", "namespace", "labels", "annotations", "finalizers"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_space_that_is_restored_without_uids_owners_and_status_comes_back()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await StartAsync(space);
        var backup = await BackUpAsync(space);

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Namespace, space.Key);
        foreach (var (kind, content) in backup)
        {
            (await platform.Api.CreateAsync(kind, content, "", Token)).Require();
            if (kind == Kinds.Namespace)
            {
                await CreateServiceAccountAsync(space);
            }
        }

        await RunningAsync(space);
        var app = await space.AppReadyAsync("shop");
        Assert.Equal(1, (long?)app.Content["status"]!["release"]);
        await space.UntilAsync(
            "each dyno has one pod",
            state => state.PodsOf(space.Name, "shop").Count(pod => pod.Label(Labels.ProcessType) != "release") == 3
                ? state
                : null);

        // The backup holds the number that the operator mirrored; it still follows the quantity.
        await space.ScaleAsync("shop", ("web", 1), ("worker", 1));
        await space.UntilAsync(
            "the quantity decides",
            state => (int?)state.Find(Kinds.App, space.In("shop"))!.Content["spec"]!["replicas"] == 1 ? state : null);
    }

    [Fact]
    public async Task An_app_that_is_made_again_after_an_orphaning_deletion_takes_its_dynos_over()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await StartAsync(space);
        var app = await StrippedAsync(Kinds.App, space.In("shop"));

        (await platform.Api.SendAsync(
            HttpMethod.Delete,
            $"{Kinds.App.ObjectPath(space.In("shop"))}?propagationPolicy=Orphan",
            null,
            ApiClient.Json,
            ApiClient.Json,
            Token)).Require();
        await space.GoneAsync(Kinds.App, space.In("shop"));
        (await platform.Api.CreateAsync(Kinds.App, app, "", Token)).Require();

        await RunningAsync(space);
        Assert.Equal(1, (long?)space.Now(Kinds.App, "shop").Content["status"]!["release"]);
    }

    /// <summary>No pod is admitted before it. A restore brings it along, unless the cluster is faster.</summary>
    private async Task CreateServiceAccountAsync(TestSpace space)
    {
        var account = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ServiceAccount",
            ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = space.Name },
        };
        var answer = await platform.Api.CreateAsync(Kinds.ServiceAccount, account, "", Token);
        Assert.True(answer.IsSuccess || answer.Code == HttpStatusCode.Conflict, answer.Message);
    }

    private static async Task StartAsync(TestSpace space)
    {
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateReleasingAppAsync("shop", ("web", 2), ("worker", 1));
        await RunningAsync(space);
    }

    private static Task<SeenObject> RunningAsync(TestSpace space) => space.UntilAsync(
        "all three dynos are up",
        state => state.Find(Kinds.App, space.In("shop")) is { } app
            && app.Has(ConditionTypes.Ready)
            && (string?)app.Content["status"]!["dynos"] == "3/3" ? app : null);

    private async Task<IReadOnlyList<(ResourceKind Kind, JsonObject Content)>> BackUpAsync(TestSpace space)
    {
        var backup = new List<(ResourceKind, JsonObject)>
        {
            (Kinds.Namespace, await StrippedAsync(Kinds.Namespace, space.Key)),
        };
        foreach (var kind in Kept)
        {
            var list = (await platform.Api.SendAsync(
                HttpMethod.Get,
                kind.CollectionPath(space.Name),
                null,
                ApiClient.Json,
                ApiClient.Json,
                Token)).Require();
            backup.AddRange(list["items"]!.AsArray().Select(item => (kind, Stripped(kind, item!.AsObject()))));
        }

        backup.Add((Kinds.Space, await StrippedAsync(Kinds.Space, space.Key)));
        return backup;
    }

    private async Task<JsonObject> StrippedAsync(ResourceKind kind, ObjectKey key) =>
        Stripped(kind, (await platform.Api.GetAsync(kind, key, Token)).Require());

    /// <summary>Without what another cluster sets itself: UIDs, owners, status, addresses and nodes.</summary>
    private static JsonObject Stripped(ResourceKind kind, JsonObject content)
    {
        var kept = content.DeepClone().AsObject();
        var metadata = kept["metadata"]!.AsObject();
        kept["apiVersion"] = kind.ApiVersion;
        kept["kind"] = kind.Kind;
        kept["metadata"] = new JsonObject(KeptMetadata
            .Where(metadata.ContainsKey)
            .Select(name => KeyValuePair.Create(name, metadata[name]?.DeepClone())));
        kept.Remove("status");
        var spec = kept["spec"] as JsonObject;
        if (kind == Kinds.Namespace)
        {
            kept.Remove("spec");
        }
        else if (kind == Kinds.Pod)
        {
            spec!.Remove("nodeName");
        }
        else if (kind == Kinds.Service)
        {
            spec!.Remove("clusterIPs");
            if ((string?)spec["clusterIP"] != "None")
            {
                spec.Remove("clusterIP");
            }
        }

        return kept;
    }
}
