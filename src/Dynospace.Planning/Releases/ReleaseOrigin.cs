using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Releases;

/// <summary>Who made a release, and why, as its revision says it for people to read.</summary>
/// <param name="ChangedBy">The field manager that changed the App's spec last; null where it did not change.</param>
/// <param name="Cause">The App's <c>kubernetes.io/change-cause</c>; null without one.</param>
public sealed record ReleaseOrigin(string? ChangedBy, string? Cause)
{
    /// <summary>The annotation by which people say why they change an object; kubectl knows it as well.</summary>
    public const string CauseAnnotation = "kubernetes.io/change-cause";

    /// <summary>Annotations of an object have room for 256 kB together, and a line of a table for less.</summary>
    private const int LongestText = 256;

    private const string SpecField = "f:spec";

    /// <summary>The origin of a release that a change of the App makes.</summary>
    /// <param name="previous">When the release before it was made; null for the first.</param>
    internal static ReleaseOrigin FromApp(App app, DateTimeOffset? previous)
    {
        var entries = (app.Metadata.ManagedFields ?? []).Where(entry => entry.Subresource is null or "").ToList();
        var change = Last(entries.Where(entry => HasSpec(entry) && !IsOperator(entry.Manager)));
        var cause = app.Metadata.Annotations?.TryGetValue(CauseAnnotation, out var text) == true ? text : null;
        return new(
            Shown(change?.Manager), IsStale(Last(entries.Where(HasCause)), change, previous) ? null : Shown(cause));
    }

    /// <summary>Whether an entry of managedFields speaks of the cause.</summary>
    internal static bool HasCause(V1ManagedFieldsEntry entry) =>
        HasField(entry, "f:metadata", "f:annotations", $"f:{CauseAnnotation}");

    /// <summary>Whether an entry of managedFields speaks of the spec.</summary>
    internal static bool HasSpec(V1ManagedFieldsEntry entry) => HasField(entry, SpecField);

    /// <summary>Whether an entry of managedFields names a field, whatever else it holds.</summary>
    internal static bool HasField(V1ManagedFieldsEntry entry, params ReadOnlySpan<string> path)
    {
        var at = entry.FieldsV1 is JsonElement fields ? fields : default;
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out var member))
            {
                return false;
            }

            at = member;
        }

        return true;
    }

    /// <summary>The annotations of the revision; null for none.</summary>
    internal Dictionary<string, string>? ToAnnotations()
    {
        var annotations = new Dictionary<string, string>(2);
        Add(CauseAnnotation, Cause);
        Add(Annotations.ChangedBy, ChangedBy);
        return annotations.Count > 0 ? annotations : null;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                annotations[name] = value;
            }
        }
    }

    /// <summary>
    /// The annotation stays on the App after the change that it was for. It says nothing of a later change by another
    /// client that wrote none, as with <c>kubectl patch</c>: then it is older than the release before.
    /// </summary>
    private static bool IsStale(
        V1ManagedFieldsEntry? cause, V1ManagedFieldsEntry? change, DateTimeOffset? previous) =>
        cause?.Time is { } written && previous is { } before && !ReferenceEquals(cause, change)
        && written.ToUniversalTime() <= before.UtcDateTime;

    private static V1ManagedFieldsEntry? Last(IEnumerable<V1ManagedFieldsEntry> entries) =>
        entries.OrderBy(entry => entry.Time).LastOrDefault();

    private static bool IsOperator(string? manager) =>
        manager is DynospaceGroup.ScaleFieldManager or DynospaceGroup.FieldManager;

    private static string? Shown(string? text) => string.IsNullOrEmpty(text)
        ? null
        : PrintableText.Clean(text.Length > LongestText ? text[..LongestText] : text);
}
