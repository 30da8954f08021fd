using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Releases;

/// <summary>The author and cause of a release, for users to read.</summary>
/// <param name="ChangedBy">The field manager that changed the App's spec last; null if the spec did not change.</param>
/// <param name="Cause">The App's <c>kubernetes.io/change-cause</c>; null without one.</param>
public sealed record ReleaseOrigin(string? ChangedBy, string? Cause)
{
    /// <summary>The annotation with which users explain a change. kubectl uses it as well.</summary>
    public const string CauseAnnotation = "kubernetes.io/change-cause";

    /// <summary>
    /// The maximum length of a text. All annotations of an object share 256 kB, and a table's line has room for less.
    /// </summary>
    private const int LongestText = 256;

    private const string SpecField = "f:spec";

    /// <summary>The origin of a release that a change of the App causes.</summary>
    /// <param name="previous">When the previous release was made; null for the first.</param>
    internal static ReleaseOrigin FromApp(App app, DateTimeOffset? previous)
    {
        var entries = (app.Metadata.ManagedFields ?? []).Where(entry => entry.Subresource is null or "").ToList();
        var change = Last(entries.Where(entry => HasSpec(entry) && !IsOperator(entry.Manager)));
        var cause = app.Metadata.Annotations?.TryGetValue(CauseAnnotation, out var text) == true ? text : null;
        return new(
            Shown(change?.Manager), IsStale(Last(entries.Where(HasCause)), change, previous) ? null : Shown(cause));
    }

    /// <summary>Whether an entry of managedFields owns the cause.</summary>
    internal static bool HasCause(V1ManagedFieldsEntry entry) =>
        HasField(entry, "f:metadata", "f:annotations", $"f:{CauseAnnotation}");

    /// <summary>Whether an entry of managedFields owns a part of the spec.</summary>
    internal static bool HasSpec(V1ManagedFieldsEntry entry) => HasField(entry, SpecField);

    /// <summary>Whether an entry of managedFields owns this field, among others.</summary>
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
    /// Whether the annotation belongs to an earlier change. It stays on the App when a later change, for example by
    /// <c>kubectl patch</c>, does not set it, and is then older than the previous release.
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
