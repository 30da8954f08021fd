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

    /// <summary>Validates the write as it would be stored, after defaults, other plugins and validation.</summary>
    /// <exception cref="ApiStatusException">The write is refused.</exception>
    void Validate(AdmissionContext context)
    {
    }
}

/// <summary>A write in admission.</summary>
/// <param name="Object">The new state, which mutating plugins edit in place; null for Delete.</param>
/// <param name="Old">The stored state, which must not be modified; null for Create.</param>
/// <param name="Registry">Reads other objects.</param>
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
    /// <summary>The resource in the version of the request.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>The author of the write.</summary>
    public UserInfo User => Options.Author ?? UserInfo.ControlPlane(Options.FieldManager);

    public WriteOptions Options { get; init; } = new("");

    /// <summary>Warnings for the client of an accepted write, sent as <c>Warning: 299</c> headers.</summary>
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

/// <summary>403: admission refuses a valid object from an authorized user.</summary>
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
