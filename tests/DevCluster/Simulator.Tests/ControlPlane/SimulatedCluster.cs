using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.ControlPlane;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using YamlDotNet.Serialization;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>
/// A registry with a control plane that moves only when a test says so, on a clock that stands still.
/// </summary>
internal sealed class SimulatedCluster : IDisposable
{
    private const int TurnLimit = 5000;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ControlLoop _loop;

    public SimulatedCluster(ControlPlaneOptions? options = null)
    {
        Registry = new ResourceRegistry(
            new ResourceCatalog(BuiltInResources.All), AdmissionPlugins.Create(Clock), Clock);
        _loop = new ControlLoop(
            Registry,
            options ?? new ControlPlaneOptions { CertificateAuthority = "PEM" },
            Clock,
            NullLogger.Instance,
            _stopping.Token);
        Settle();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public ResourceRegistry Registry { get; }

    /// <summary>Lets the control plane work until nothing is left to do at this moment.</summary>
    public void Settle()
    {
        for (var turn = 0; _loop.Turn(); turn++)
        {
            Assert.True(turn < TurnLimit, "the control plane does not come to rest");
        }
    }

    public void Advance(TimeSpan time)
    {
        Clock.Advance(time);
        Settle();
    }

    /// <summary>Creates an object from YAML, in the namespace default unless it names one, and settles.</summary>
    public StoredObject Apply(ResourceId resource, string yaml)
    {
        var created = Create(resource, yaml);
        Settle();
        return created;
    }

    public StoredObject Create(ResourceId resource, string yaml)
    {
        var content = Parse(yaml);
        var metadata = content["metadata"]!.AsObject();
        if (!metadata.ContainsKey("namespace")
            && resource != KnownResources.Namespaces
            && resource != KnownResources.Nodes)
        {
            metadata["namespace"] = "default";
        }

        return Registry.Create(resource, content, new WriteOptions("test"));
    }

    public StoredObject? Find(ResourceId resource, string name, string? ns = "default") =>
        Registry.Get(resource, ns, name);

    public JsonObject Read(ResourceId resource, string name, string? ns = "default")
    {
        var found = Registry.Get(resource, ns, name);
        Assert.NotNull(found);
        return found.Content;
    }

    public void Edit(
        ResourceId resource, string name, Action<JsonObject> change, string? subresource = null, string? ns = "default")
    {
        Registry.Update(resource, ns, name, change, new WriteOptions("test", subresource));
        Settle();
    }

    public void Delete(
        ResourceId resource,
        string name,
        DeletionPropagation? propagation = null,
        long? grace = null,
        string? ns = "default")
    {
        Registry.Delete(resource, ns, name, new DeletionOptions(grace, propagation));
        Settle();
    }

    /// <summary>The reasons of the events about an object, oldest first.</summary>
    public IReadOnlyList<string> EventsAbout(string name) =>
    [
        .. Registry.List(KnownResources.Events).Where(item => item.Content.Text("involvedObject", "name") == name)
            .OrderBy(item => item.ResourceVersion).Select(item => item.Content.Text("reason")!),
    ];

    public IReadOnlyList<StoredObject> Pods(string label, string value, string ns = "default") =>
        [
            .. Registry.List(KnownResources.Pods, ns)
                .Where(pod => pod.Content.Text("metadata", "labels", label) == value),
        ];

    public void Dispose()
    {
        _stopping.Cancel();
        _loop.Dispose();
        _stopping.Dispose();
    }

    public static JsonObject Parse(string yaml)
    {
        // The serializer keeps YAML's own types: what is quoted stays text, the rest becomes what JSON would have it
        // be.
        var graph = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization()
            .Build()
            .Deserialize(new StringReader(yaml));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(graph!))!.AsObject();
    }
}
