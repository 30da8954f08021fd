using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Who owns which field: server-side apply, and the bookkeeping for all other writes. Semantics are those of upstream's
/// structured-merge-diff: an applier owns what it applies, an updater what it changes, and what an applier no longer
/// applies goes unless another owns it.
/// </summary>
public static class FieldOwnership
{
    /// <summary>Lays a configuration over the live object. Neither is modified.</summary>
    /// <param name="live">Null to create.</param>
    /// <param name="subresource">Null for the object itself, else <c>status</c>, <c>scale</c>, ...</param>
    /// <param name="force">Take fields over rather than report conflicts.</param>
    /// <param name="hasStatus">Whether status has an endpoint of its own, so that the main one leaves it alone.</param>
    /// <returns>
    /// The new object with its managedFields. An apply that changes nothing returns an object equal to the live one,
    /// times included, so that nothing needs to be written.
    /// </returns>
    /// <exception cref="ApiStatusException">409 for conflicts, 400 for a request that is no apply, 500 for what does
    /// not fit the type.</exception>
    public static JsonObject Apply(
        JsonObject? live,
        JsonObject applied,
        TypeSchema schema,
        string manager,
        string? subresource,
        bool force,
        DateTimeOffset now,
        bool hasStatus = true) =>
        ConfigurationApply.Apply(live, applied, force, new(schema, manager, subresource, hasStatus, now));

    /// <summary>Sets the managedFields of an object that is written by anything but apply.</summary>
    /// <param name="old">Null for a creation.</param>
    /// <param name="updated">The new state, complete; only its managedFields are changed.</param>
    /// <param name="hasStatus">Whether status has an endpoint of its own, so that the main one leaves it alone.</param>
    public static void TrackUpdate(
        JsonObject? old,
        JsonObject updated,
        TypeSchema schema,
        string manager,
        string? subresource,
        DateTimeOffset now,
        bool hasStatus = true) =>
        UpdateTracking.Track(old, updated, new(schema, manager, subresource, hasStatus, now));
}
