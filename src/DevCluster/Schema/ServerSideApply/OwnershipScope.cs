using System.Text.Json.Nodes;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>What a request to an endpoint can own: the main one not the status, the status one nothing else.</summary>
internal static class OwnershipScope
{
    private const string Status = "status";

    private static readonly FieldSet StatusFields = FieldSet.Of([Status]);
    private static readonly FieldSet AllButStatus = FieldSet.Of(["metadata"], ["spec"]);
    private static readonly FieldSet NoFields = new(0);

    /// <summary>Fields that identify the object or that the server fills; nobody owns them.</summary>
    public static FieldSet NeverOwned { get; } = FieldSet.Of(
        ["apiVersion"],
        ["kind"],
        ["metadata"],
        ["metadata", "name"],
        ["metadata", "namespace"],
        ["metadata", "creationTimestamp"],
        ["metadata", "selfLink"],
        ["metadata", "uid"],
        ["metadata", "clusterName"],
        ["metadata", "generation"],
        ["metadata", "managedFields"],
        ["metadata", "resourceVersion"]);

    /// <summary>What an update through the endpoint resets, so that it neither takes nor gives it.</summary>
    public static FieldSet ResetFields(string? subresource, bool hasStatus) => subresource switch
    {
        null or "" => hasStatus ? StatusFields : NoFields,
        Status => AllButStatus,
        _ => NoFields,
    };

    /// <summary>The part of a configuration that takes effect at the endpoint.</summary>
    public static JsonObject Effective(JsonObject configuration, string? subresource, bool hasStatus)
    {
        var part = configuration.DeepClone().AsObject();
        if (subresource == Status)
        {
            foreach (var name in part.Select(p => p.Key)
                .Where(name => name is not ("apiVersion" or "kind" or Status))
                .ToArray())
            {
                part.Remove(name);
            }
        }
        else if (hasStatus)
        {
            part.Remove(Status);
        }

        return part;
    }
}
