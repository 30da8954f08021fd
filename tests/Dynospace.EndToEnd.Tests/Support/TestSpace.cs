using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>One test's space: what it does there, as people would, and what it waits for.</summary>
internal sealed class TestSpace(Platform platform, string name) : IAsyncDisposable
{
    public string Name => name;

    public ObjectKey Key => ObjectKey.ClusterScoped(name);

    public string Region => platform.Traits.Region ?? "oregon";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ObjectKey In(string child) => new(name, child);

    /// <summary>Creates the Space and waits until it is ready.</summary>
    public async Task<SeenObject> StartAsync(SpaceRuntime runtime, Action<SpaceSpec>? change = null)
    {
        await CreateAsync(runtime, change);
        return await ReadyAsync(Kinds.Space, Key);
    }

    public async Task CreateAsync(SpaceRuntime runtime, Action<SpaceSpec>? change = null)
    {
        var space = new Space { Metadata = new() { Name = name }, Spec = new() { Runtime = runtime, Region = Region } };
        change?.Invoke(space.Spec);
        (await platform.Api.CreateAsync(space, Token)).Require();
    }

    /// <summary>Creates its namespace before the operator does.</summary>
    /// <param name="adopt">The Space that may take it; null for none.</param>
    /// <param name="labels">What else is on it.</param>
    public async Task<JsonObject> CreateNamespaceAsync(string? adopt, Dictionary<string, string>? labels = null) =>
        (await platform.Api.CreateAsync(
            new V1Namespace
            {
                ApiVersion = "v1",
                Kind = "Namespace",
                Metadata = new()
                {
                    Name = name,
                    Labels = labels,
                    Annotations = adopt is null ? null : new Dictionary<string, string> { [Annotations.Adopt] = adopt },
                },
            },
            Token)).Require();

    /// <summary>Creates an App of the program that runs, with the given formation, and does not wait for it.</summary>
    public async Task CreateAppAsync(
        string app, Action<AppSpec>? change = null, params (string Type, int Quantity)[] formation) =>
        await CreateAppAsync(app, platform.Workloads.Runs, change, formation);

    public async Task CreateAppAsync(
        string app, Workload program, Action<AppSpec>? change = null, params (string Type, int Quantity)[] formation)
    {
        var made = new App
        {
            Metadata = new() { Name = app, NamespaceProperty = name },
            Spec = new()
            {
                Image = program.Image,
                Processes = [.. formation.Select(process => program.Process(process.Type, process.Quantity))],
            },
        };
        change?.Invoke(made.Spec);
        (await platform.Api.CreateAsync(made, Token)).Require();
    }

    /// <summary>Creates an App with a release phase, and the Secret that its config comes from.</summary>
    public async Task CreateReleasingAppAsync(string app, params (string Type, int Quantity)[] formation)
    {
        await SetSecretAsync($"{app}-secrets", "TOKEN", "here");
        await CreateAppAsync(
            app,
            spec =>
            {
                spec.ConfigFrom = [new() { SecretRef = new() { Name = $"{app}-secrets" } }];
                spec.Release = new() { Command = [.. platform.Workloads.Exits(0).Command] };
            },
            formation);
    }

    public async Task CreateRunAsync(string app, int index, Workload program, bool takesInput = false) =>
        (await platform.Api.CreateAsync(
            new Dyno
            {
                Metadata = new() { Name = $"{app}.run.{index}", NamespaceProperty = name },
                Spec = new()
                {
                    App = app,
                    ProcessType = ProcessTypes.Run,
                    Index = index,
                    Command = [.. program.Command],
                    Stdin = takesInput ? true : null,
                    Tty = takesInput ? true : null,
                },
            },
            Token)).Require();

    /// <summary>The pod of a run, once it was made.</summary>
    public Task<string> PodOfRunAsync(string app, int index, bool isRecorded) => UntilAsync(
        $"the pod of run {index}",
        state => state.PodsOf(name, app).Select(pod => pod.Name).FirstOrDefault(
            pod => RunPodName.NumberOf(pod) == index && RunPodName.IsRecorded(pod) == isRecorded));

    public async Task SetSecretAsync(string secret, string key, string value) => (await platform.Api.ApplyAsync(
        Kinds.Secret,
        ApiClient.ToJson(new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new() { Name = secret, NamespaceProperty = name },
            StringData = new Dictionary<string, string> { [key] = value },
        }),
        Token)).Require();

    /// <summary>Changes an App's spec by a merge patch.</summary>
    public async Task PatchAppAsync(string app, JsonObject spec) => await SeenAsync(
        (await platform.Api.PatchAsync(Kinds.App, In(app), new JsonObject { ["spec"] = spec }, null, Token)).Require(),
        Kinds.App);

    /// <summary>Gives an App another program and leaves its formation as it is.</summary>
    public Task RunAsync(string app, Workload program, params (string Type, int Quantity)[] formation) =>
        PatchAppAsync(app, new JsonObject
        {
            ["image"] = program.Image,
            ["processes"] = new JsonArray(
                [.. formation.Select(process => ApiClient.ToJson(program.Process(process.Type, process.Quantity)))]),
        });

    public Task ScaleAsync(string app, params (string Type, int Quantity)[] formation) =>
        RunAsync(app, platform.Workloads.Runs, formation);

    public async Task PatchAsync(ResourceKind kind, ObjectKey key, JsonObject patch) =>
        await SeenAsync((await platform.Api.PatchAsync(kind, key, patch, null, Token)).Require(), kind);

    public async Task DeleteAsync(ResourceKind kind, ObjectKey key) =>
        (await platform.Api.DeleteAsync(kind, key, Token)).Require();

    /// <summary>The object, once it is ready as its spec now is.</summary>
    public Task<SeenObject> ReadyAsync(ResourceKind kind, ObjectKey key) => UntilAsync(
        $"{kind.Kind} {key} is ready",
        state => state.Find(kind, key) is { } seen && seen.Has(ConditionTypes.Ready) ? seen : null);

    public Task<SeenObject> AppReadyAsync(string app) => ReadyAsync(Kinds.App, In(app));

    /// <summary>The condition, once it has this status and reason.</summary>
    public async Task<SeenCondition> ConditionAsync(
        ResourceKind kind, ObjectKey key, string type, string status, string reason)
    {
        var found = await UntilAsync(
            $"{kind.Kind} {key} has {type}={status} ({reason})",
            state => state.Find(kind, key) is { } seen
                && seen.Has(type, status)
                && seen.Condition(type)!.Reason == reason ? seen : null);
        return found.Condition(type)!;
    }

    /// <summary>
    /// The object, once it is seen: each kind has a watch of its own, and one may be ahead of another.
    /// </summary>
    public Task<SeenObject> ThereAsync(ResourceKind kind, ObjectKey key) =>
        UntilAsync($"{kind.Kind} {key} is there", state => state.Find(kind, key));

    public Task GoneAsync(ResourceKind kind, ObjectKey key) =>
        UntilAsync($"{kind.Kind} {key} is gone", state => state.Find(kind, key) is null ? state : null);

    /// <summary>An event about an object of the space, or about the Space itself.</summary>
    public Task<SeenObject> EventAsync(ResourceKind kind, ObjectKey key, string reason) => UntilAsync(
        $"an event {reason} about {kind.Kind} {key}",
        state => state.Of(Kinds.Event, key.Namespace ?? "default").FirstOrDefault(seen =>
            (string?)seen.Content["reason"] == reason
            && (string?)seen.Content["involvedObject"]!["kind"] == kind.Kind
            && (string?)seen.Content["involvedObject"]!["name"] == key.Name));

    public Task<T> UntilAsync<T>(string awaited, Func<ClusterState, T?> look)
        where T : class => platform.View.UntilAsync(awaited, name, look, Token);

    public IReadOnlyList<SeenObject> Now(ResourceKind kind) => [.. platform.View.Now.Of(kind, name)];

    public SeenObject Now(ResourceKind kind, string child) =>
        platform.View.Now.Find(kind, In(child))
        ?? throw new InvalidOperationException($"There is no {kind.Kind} {child} in {name}.");

    /// <summary>Pods of an App that are not being deleted.</summary>
    public IReadOnlyList<SeenObject> Pods(string app) => [.. platform.View.Now.PodsOf(name, app)];

    public async ValueTask DisposeAsync() => await platform.Api.DeleteAsync(Kinds.Space, Key, CancellationToken.None);

    /// <summary>What is awaited after a write is awaited of the world in which it has happened.</summary>
    private Task<ClusterState> SeenAsync(JsonObject written, ResourceKind kind)
    {
        var seen = new SeenObject(kind, written);
        return UntilAsync(
            $"the change of {seen} is seen",
            state => state.Find(kind, seen.Key) is not { } now || now.Uid != seen.Uid || now.Version >= seen.Version
                ? state
                : null);
    }
}
