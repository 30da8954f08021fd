using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>What is the same for every step of one write.</summary>
/// <param name="HasStatus">Whether status has an endpoint of its own.</param>
internal sealed record WriteContext(
    TypeSchema Schema, string Manager, string? Subresource, bool HasStatus, DateTimeOffset Now)
{
    private const string UnknownManager = "unknown";

    /// <summary>The entry that this write makes of these fields.</summary>
    public ManagerEntry Entry(bool isApply, string? apiVersion, FieldSet fields) => new(
        Manager.Length == 0 ? UnknownManager : Manager,
        isApply,
        apiVersion ?? "",
        Subresource ?? "",
        ManagerEntry.Timestamp(Now),
        fields);
}
