using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>
/// What a tenant may write although it asks for more than the Space gives: the pod is that of an App which asks for
/// nothing. Unknown fields are sent without validation, as an old client might. What is refused is among the cases of
/// <see cref="Api.AdmissionTests"/>.
/// </summary>
public sealed class WithoutEffectTests(Platform platform)
{
    /// <summary>Merge patches on an App.</summary>
    private static readonly Dictionary<string, string> Apps = new()
    {
        ["plain"] = "{}",
        ["the node's namespaces"] = "spec: {hostNetwork: true, hostPID: true, hostIPC: true, hostUsers: true}",
        ["privileges"] =
            "spec: {privileged: true, securityContext: {runAsUser: 0, seccompProfile: {type: Unconfined}}, "
            + "capabilities: {add: [ALL]}}",
        ["volumes"] =
            "spec: {volumes: [{name: root, hostPath: {path: /}}], volumeMounts: [{name: root, mountPath: /host}]}",
        ["a service account"] =
            "spec: {serviceAccountName: default, serviceAccount: default, automountServiceAccountToken: true}",
        ["a node"] =
            "spec: {nodeName: other, nodeSelector: {a: b}, tolerations: [{operator: Exists}], affinity: {}, "
            + "priorityClassName: system-node-critical}",
        ["a template"] =
            "spec: {template: {metadata: {labels: {dynospace.dev/space: rival}}, spec: {hostNetwork: true}}, "
            + "initContainers: [{name: a, image: b}]}",
        ["a process with more"] =
            "spec: {processes: [{type: web, quantity: 1, securityContext: {privileged: true}, ports: [{hostPort: 80}], "
            + "volumeMounts: []}]}",
        ["another space's labels"] =
            "metadata: {labels: {dynospace.dev/space: rival, dynospace.dev/app: other, dynospace.dev/dyno: "
            + "other.web.1, dynospace.dev/routing: internal}}",
        ["a router's labels"] =
            "metadata: {labels: {dynospace.dev/component: router-public, app.kubernetes.io/component: router-public, "
            + "app.kubernetes.io/managed-by: Helm}}",
        ["a data service's labels"] = "metadata: {labels: {app: orders-db, k8s-app: kube-dns}}",
        ["an owner's label"] = "metadata: {labels: {dynospace.dev/owner-uid: 00000000-0000-0000-0000-000000000000}}",
        ["annotations that a node obeys"] =
            "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/dyno: unconfined, "
            + "k8s.v1.cni.cncf.io/networks: default/host}}",
        ["the operator's own annotations"] =
            "metadata: {annotations: {dynospace.dev/applied: '0', dynospace.dev/template-hash: '0', "
            + "dynospace.dev/adopt: kube-system}}",
        ["an owner"] =
            "metadata: {ownerReferences: [{apiVersion: v1, kind: Namespace, name: SPACE, uid: NAMESPACE-UID}]}",
        ["a finalizer"] = "metadata: {finalizers: [tenant.example/hold]}",
    };

    [Fact]
    public async Task An_app_that_asks_for_more_gets_the_pod_of_one_that_does_not()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.ThereAsync(Kinds.Namespace, space.Key);
        var names = Apps.Keys.Select((what, i) => (what, Name: $"app{i:00}"))
            .ToDictionary(entry => entry.what, entry => entry.Name);
        foreach (var (what, patch) in Apps)
        {
            (await CreateAsync(Kinds.App, Merged(App(space, names[what]), Patch(space, patch)))).Require();
        }

        foreach (var name in names.Values)
        {
            await space.UntilAsync($"{name} has its pod", state => state.PodsOf(space.Name, name).FirstOrDefault());
        }

        var plain = WhatItIs(space, names["plain"]);
        var gained = names.Where(entry => WhatItIs(space, entry.Value) != plain)
            .Select(entry => $"{entry.Key}: {WhatItIs(space, entry.Value)}")
            .ToList();
        await ReleaseAsync(space, names["a finalizer"]);

        Assert.True(gained.Count == 0, $"{string.Join('\n', gained)}\nplain: {plain}");
    }

    [Fact]
    public async Task A_dyno_that_asks_for_more_gets_the_pod_of_one_that_does_not()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        var rows = Apps.Where(row => !row.Value.Contains("processes", StringComparison.Ordinal))
            .Select((row, i) => (What: row.Key, Patch: row.Value, Index: 10 + i))
            .ToList();
        foreach (var row in rows)
        {
            (await CreateAsync(Kinds.Dyno, Merged(Run(space, row.Index), Patch(space, row.Patch)))).Require();
        }

        foreach (var row in rows)
        {
            await space.UntilAsync($"run {row.Index} has its pod", state => PodOf(state, space, row.Index));
        }

        var plain = WhatItIs(
            PodOf(platform.View.Now, space, rows[0].Index)!, $"run-{rows[0].Index}", $"run.{rows[0].Index}");
        var gained =
            rows.Where(
                row =>
                    WhatItIs(
                        PodOf(platform.View.Now, space, row.Index)!, $"run-{row.Index}", $"run.{row.Index}") != plain)
                            .Select(row => row.What);
        foreach (var dyno in space.Now(Kinds.Dyno).Where(dyno => dyno.Metadata["finalizers"] is not null))
        {
            await platform.Api.PatchAsync(
                Kinds.Dyno, dyno.Key, NoFinalizers(), null, TestContext.Current.CancellationToken);
        }

        Assert.Empty(gained);
    }

    /// <summary>
    /// The other objects of the space are not the tenant's to imitate either: they follow from names alone.
    /// </summary>
    [Fact]
    public async Task A_dyno_made_by_hand_in_a_formations_place_is_reported_and_not_replaced()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        var made = Merged(
            Run(space, 2),
            YamlReader.ReadAll(
                "{metadata: {name: shop.web.2}, spec: {processType: web, index: 2, command: [bin/miner]}}")
                    .Single()
                    .AsObject());

        (await CreateAsync(Kinds.Dyno, made)).Require();

        await space.ConditionAsync(Kinds.Dyno, space.In("shop.web.2"), ConditionTypes.Up, "False", Reasons.NotOneOff);
        Assert.Single(space.Pods("shop"));
    }

    private static JsonObject NoFinalizers() => new() { ["metadata"] = new JsonObject { ["finalizers"] = null } };

    private async Task ReleaseAsync(TestSpace space, string app) =>
        (await platform.Api.PatchAsync(
            Kinds.App, space.In(app), NoFinalizers(), null, TestContext.Current.CancellationToken)).Require();

    private JsonObject Patch(TestSpace space, string patch)
    {
        var uid = platform.View.Now.Find(Kinds.Namespace, space.Key)?.Uid ?? "";
        return YamlReader.ReadAll(
            patch.Replace("NAMESPACE-UID", uid, StringComparison.Ordinal)
                .Replace("SPACE", space.Name, StringComparison.Ordinal)).Single().AsObject();
    }

    private Task<ApiAnswer> CreateAsync(Runtime.ResourceKind kind, JsonObject value) =>
        platform.Api.CreateAsync(kind, value, "?fieldValidation=Ignore", TestContext.Current.CancellationToken);

    private JsonObject App(TestSpace space, string name) => ApiClient.ToJson(new Dynospace.Api.Apps.App
    {
        Metadata = new() { Name = name, NamespaceProperty = space.Name },
        Spec = new() { Image = platform.Workloads.Runs.Image, Processes = [new() { Type = "web", Quantity = 1 }] },
    });

    private static JsonObject Run(TestSpace space, int index) => ApiClient.ToJson(new Dynospace.Api.Dynos.Dyno
    {
        Metadata = new() { Name = $"shop.run.{index}", NamespaceProperty = space.Name },
        Spec = new() { App = "shop", ProcessType = "run", Index = index, Command = ["bin/console"] },
    });

    private static SeenObject? PodOf(ClusterState state, TestSpace space, int index) =>
        state.Of(Kinds.Pod, space.Name).FirstOrDefault(pod => pod.Label(Labels.Dyno) == $"shop.run.{index}");

    private static string WhatItIs(TestSpace space, string app) => WhatItIs(space.Pods(app)[0], app);

    /// <summary>
    /// The pod's labels, annotations and spec, with the names in which it must differ from its siblings taken out.
    /// </summary>
    private static string WhatItIs(SeenObject pod, params string[] names)
    {
        var spec = pod.Content["spec"]!.DeepClone().AsObject();
        spec.Remove("nodeName");
        var annotations = (pod.Metadata["annotations"] as JsonObject ?? []).Select(entry => entry.Key)
            .Order(StringComparer.Ordinal);
        // The API server adds the node's topology to a pod that was given a node.
        var labels = (pod.Metadata["labels"] as JsonObject ?? [])
            .Where(entry => !entry.Key.StartsWith("topology.kubernetes.io/", StringComparison.Ordinal))
                .Select(entry => $"{entry.Key}={entry.Value}")
                .Order(StringComparer.Ordinal);
        var owner = pod.As<V1Pod>().Metadata.OwnerReferences.Single().Uid;
        var text = $"{string.Join(',', labels)}\n{string.Join(',', annotations)}\n{spec.ToJsonString()}";
        return names.Append(owner)
            .Aggregate(text, (current, name) => current.Replace(name, "NAME", StringComparison.Ordinal));
    }

    private static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            target[key] = value is JsonObject change && target[key] is JsonObject inner
                ? Merged(inner, change)
                : value?.DeepClone();
        }

        return target;
    }
}
