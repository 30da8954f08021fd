using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>
/// Defaults, completes or refuses a write. Plugins run in order, synchronously, under the store's write lock.
/// </summary>
public interface IAdmissionPlugin
{
    /// <exception cref="ApiStatusException">The write is refused.</exception>
    void Admit(AdmissionContext context);

    /// <summary>Judges the write as it would be stored, after defaults, other plugins and validation.</summary>
    /// <exception cref="ApiStatusException">The write is refused.</exception>
    void Validate(AdmissionContext context)
    {
    }
}

/// <summary>A write on its way to the store.</summary>
/// <param name="Object">The new state, to be edited in place by mutating plugins; null for Delete.</param>
/// <param name="Old">The stored state, not to be touched; null for Create.</param>
/// <param name="Registry">For reads of other objects.</param>
public sealed record AdmissionContext(
    AdmissionOperation Operation,
    ResourceId Resource,
    string? Subresource,
    string? Namespace,
    string Name,
    JsonObject? Object,
    JsonObject? Old,
    bool DryRun,
    IResourceRegistry Registry)
{
    /// <summary>The resource in the version that the request was for.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>Who writes.</summary>
    public UserInfo User => Options.Author ?? UserInfo.ControlPlane(Options.FieldManager);

    /// <summary>What came with the write besides the object.</summary>
    public WriteOptions Options { get; init; } = new("");

    /// <summary>
    /// Warnings of plugins for the caller of an accepted write; sent as <c>Warning: 299</c> headers.
    /// </summary>
    public IList<string> Warnings { get; init; } = new List<string>();
}

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,

    /// <summary>A request that opens a connection, such as <c>pods/exec</c>; the object holds its options.</summary>
    Connect,
}

/// <summary>A refusal by admission of a valid object by a user with the right: 403.</summary>
internal static class Refusal
{
    public static ApiStatusException Forbidden(AdmissionContext context, string why, FieldError? cause = null)
    {
        var refusal = ApiErrors.Forbidden(context.Resource, context.Name, why);
        if (cause is not null)
        {
            refusal.Details!["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = cause.Reason,
                ["message"] = cause.Message,
                ["field"] = cause.Field,
            });
        }

        return refusal;
    }
}
