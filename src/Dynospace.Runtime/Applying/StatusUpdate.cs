using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Applying;

/// <summary>A status to write.</summary>
/// <param name="Target">Whose status.</param>
/// <param name="Status">The whole status; null members mean absent.</param>
/// <param name="LiveStatus">The status it has; null for none.</param>
public sealed record StatusUpdate(OwnerIdentity Target, JsonObject Status, JsonObject? LiveStatus)
{
    /// <summary>Makes one of typed values.</summary>
    public static StatusUpdate Of<TStatus>(OwnerIdentity target, TStatus status, TStatus? liveStatus)
        where TStatus : class =>
        new(target, JsonObjects.From(status), liveStatus is null ? null : JsonObjects.From(liveStatus));
}
