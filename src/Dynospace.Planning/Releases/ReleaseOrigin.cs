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
    internal static ReleaseOrigin FromApp(App app) => new(
        Shown((app.Metadata.ManagedFields ?? [])
            .Where(entry => entry.Subresource is null or "" && HasSpec(entry) && !IsOperator(entry.Manager))
            .OrderBy(entry => entry.Time)
            .LastOrDefault()?.Manager),
        Shown(app.Metadata.Annotations?.TryGetValue(CauseAnnotation, out var cause) == true ? cause : null));

    /// <summary>Whether an entry of managedFields speaks of the spec.</summary>
    internal static bool HasSpec(V1ManagedFieldsEntry entry) =>
        entry.FieldsV1 is JsonElement { ValueKind: JsonValueKind.Object } fields
        && fields.TryGetProperty(SpecField, out _);

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

    private static bool IsOperator(string? manager) =>
        manager is DynospaceGroup.ScaleFieldManager or DynospaceGroup.FieldManager;

    private static string? Shown(string? text) => string.IsNullOrEmpty(text)
        ? null
        : PrintableText.Clean(text.Length > LongestText ? text[..LongestText] : text);
}
