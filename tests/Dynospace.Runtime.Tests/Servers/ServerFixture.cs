using System.Text.Json.Nodes;
using System.Threading.Channels;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>
/// A namespace of a test's own on a server, an owner in it, and an applier whose requests are counted.
/// </summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    private ServerFixture(Kubernetes client, string @namespace)
    {
        Client = client;
        Namespace = @namespace;
        Transport = new ApiTransport(client, new ApiTransportOptions(), TimeProvider.System);
        Counted = new CountingTransport(Transport);
        Applier = new Applier(Counted, Options, NullLogger<Applier>.Instance);
    }

    public static ApplierOptions Options { get; } = new()
    {
        FieldManager = "runtime-test",
        HashAnnotation = "runtime-test.dev/applied",
        OwnerUidLabel = "runtime-test.dev/owner-uid",
    };

    public static ResourceKind ConfigMaps { get; } = ResourceKind.For<V1ConfigMap>();

    public Kubernetes Client { get; }

    public string Namespace { get; }

    public ApiTransport Transport { get; }

    public CountingTransport Counted { get; }

    public Applier Applier { get; }

    public OwnerIdentity Owner { get; private set; } = new(ConfigMaps, default, "");

    public static async Task<ServerFixture> StartAsync(IServerUnderTest server)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var client = await server.ConnectAsync(cancellationToken);
        var fixture = new ServerFixture(client, $"runtime-{Guid.NewGuid().ToString("n")[..12]}");
        await fixture.Transport.CreateAsync(
            Objects.Namespaces, new JsonObject
            {
                ["metadata"] =
                new JsonObject { ["name"] = fixture.Namespace }
            }, new WriteQuery(), cancellationToken);
        var owner = await fixture.Transport.CreateAsync(
            ConfigMaps, fixture.Object("owner"), new WriteQuery(), cancellationToken);
        fixture.Owner = new OwnerIdentity(
            ConfigMaps, new ObjectKey(fixture.Namespace, "owner"), owner["metadata"]!["uid"]!.GetValue<string>());
        return fixture;
    }

    public JsonObject Object(string name, string? rest = null)
    {
        var content = rest is null ? [] : JsonNode.Parse(rest)!.AsObject();
        content["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace };
        return content;
    }

    public DesiredObject Desired(ResourceKind kind, string name, string rest) => new(kind, Object(name, rest));

    /// <summary>Runs an informer of live objects of this namespace and returns it with its changes.</summary>
    public async Task<(Informer<LiveObject> Informer, ChannelReader<ObjectChange<LiveObject>> Changes)> InformAsync(
        ResourceKind kind, InformerTiming? timing = null)
    {
        var changes = Channel.CreateUnbounded<ObjectChange<LiveObject>>();
        var informer = new Informer<LiveObject>(
            Counted,
            kind,
            new InformerOptions<LiveObject>
            {
                Decode = e => LiveObject.Decode(kind, e),
                Namespace = Namespace,
                Timing = timing ?? new InformerTiming(),
            },
            TimeProvider.System,
            NullLogger<Informer<LiveObject>>.Instance);
        informer.AddHandler(c => changes.Writer.TryWrite(c));
        _running.Add(informer.RunAsync(_stop.Token));
        await informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        return (informer, changes.Reader);
    }

    public async Task<LiveObject> ReadAsync(ResourceKind kind, string name)
    {
        var content = await Transport.GetAsync(
            kind, new ObjectKey(Namespace, name), TestContext.Current.CancellationToken);
        return LiveObject.Decode(kind, System.Text.Json.JsonSerializer.SerializeToElement(content));
    }

    public Task<ApplyReport> ApplyAsync(IReadOnlyList<DesiredObject> desired, params LiveObject[] observed) =>
        Applier.ApplyAsync(new ApplySet(Owner, desired, observed), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        await Transport.DeleteAsync(
            Objects.Namespaces, ObjectKey.ClusterScoped(Namespace), new DeleteQuery(), CancellationToken.None);
        Client.Dispose();
        _stop.Dispose();
    }
}
