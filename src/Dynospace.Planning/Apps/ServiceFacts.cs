using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>What was observed of a Service in an app's namespace.</summary>
/// <param name="Name">The Service's name.</param>
/// <param name="Uid">The Service's UID.</param>
/// <param name="OwnerUid">The UID of its controlling owner; null when it has none.</param>
public sealed record ServiceFacts(string Name, string? Uid, string? OwnerUid)
{
    /// <summary>The facts of a Service.</summary>
    public static ServiceFacts Of(V1Service found) =>
        new(found.Metadata.Name, found.Metadata.Uid, found.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true)?.Uid);
}
