using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>An owner with children, and an applier whose requests are kept.</summary>
internal sealed class ApplierFixture
{
    public const string Hash = "example.dev/applied";
    public const string Label = "example.dev/owner-uid";

    public static ResourceKind Services { get; } = ResourceKind.For<V1Service>();

    public static ResourceKind Pods { get; } = ResourceKind.For<V1Pod>();

    public static ResourceKind Policies { get; } = ResourceKind.For<V1NetworkPolicy>();

    public static ApplierOptions Options { get; } =
        new() { FieldManager = "op", HashAnnotation = Hash, OwnerUidLabel = Label };

    public static OwnerIdentity Owner { get; } = new(Objects.Tenants, new ObjectKey("ns", "owner"), "owner-uid");

    public FakeTransport Transport { get; } = new();

    public FakeTimeProvider Clock { get; } = new();

    public Applier Applier => field ??= new Applier(Transport, Options, NullLogger<Applier>.Instance, Clock);

    public static DesiredObject Desired(ResourceKind kind, string name, string? spec = null, string? @namespace = "ns")
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
        {
            metadata["namespace"] = @namespace;
        }

        var content = new JsonObject { ["metadata"] = metadata };
        if (spec is not null)
        {
            content["spec"] = JsonNode.Parse(spec);
        }

        return new DesiredObject(kind, content);
    }

    /// <summary>What the server would hold after a desired object was applied, changed as a test likes.</summary>
    public static LiveObject Live(
        DesiredObject desired, OwnerIdentity? owner =
            null, string version = "5", string? spec = null, Action<JsonObject>? change = null, bool keepContent = true)
    {
        var content = ObjectPreparation.Prepare(desired, owner ?? Owner, Options).Content.DeepClone().AsObject();
        content["metadata"]!["uid"] = $"uid-{desired.Key.Name}";
        content["metadata"]!["resourceVersion"] = version;
        if (spec is not null)
        {
            content["spec"] = JsonNode.Parse(spec);
        }

        change?.Invoke(content);
        return LiveObject.Decode(desired.Kind, JsonSerializer.SerializeToElement(content), keepContent);
    }

    public Task<ApplyReport> ApplyAsync(IReadOnlyList<DesiredObject> desired, params LiveObject[] observed) =>
        Applier.ApplyAsync(new ApplySet(Owner, desired, observed), TestContext.Current.CancellationToken);
}
