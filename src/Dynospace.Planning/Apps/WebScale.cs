using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Releases;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>The change of an App's <c>spec.replicas</c>.</summary>
public enum ScaleAction
{
    /// <summary>Leave it as it is.</summary>
    None,

    /// <summary>Write the quantity of web into it, unless another field manager has it by now.</summary>
    Mirror,

    /// <summary>Give up the field: another field manager has it, or the App has no web process.</summary>
    Release,

    /// <summary>
    /// Remove it, whichever field manager has it: a backup brought back what the operator had written.
    /// </summary>
    Reset,
}

/// <summary>
/// The source of the number of an App's web dynos. The scale subresource cannot point into the list of processes, so
/// the operator mirrors the quantity of web in <c>spec.replicas</c> under a field manager of its own. As soon as
/// another field manager has the field (<c>kubectl scale</c>, an autoscaler, Git itself), that one decides, and the
/// quantity has no effect until the field is removed.
/// </summary>
public sealed record WebScale
{
    private const string SpecField = "f:spec";
    private const string ReplicasField = "f:replicas";

    private static readonly JsonElement OnlyReplicas =
        JsonDocument.Parse($$"""{ "{{SpecField}}": { "{{ReplicasField}}": {} } }""").RootElement;

    private static readonly JsonElement OnlySpec =
        JsonDocument.Parse($$"""{ "{{SpecField}}": {} }""").RootElement;

    private static readonly JsonElement OnlyCause = WithCause("");

    private static readonly JsonElement CauseAndSpec = WithCause($$""","{{SpecField}}":{} """);

    private static readonly JsonElement CauseAndReplicas =
        WithCause($$""","{{SpecField}}":{"{{ReplicasField}}":{} } """);

    private static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement;

    private WebScale(ScaleAction action, int? replicas, int quantity, IReadOnlyList<string> deciders) =>
        (Action, Replicas, Quantity, Deciders) = (action, replicas, quantity, deciders);

    /// <summary>The change of the field.</summary>
    public ScaleAction Action { get; }

    /// <summary>The number from <c>spec.replicas</c>; null if the quantity of web decides.</summary>
    public int? Replicas { get; }

    /// <summary>The quantity of web; 0 without such a process.</summary>
    public int Quantity { get; }

    /// <summary>The field managers that have <c>spec.replicas</c>, except the operator.</summary>
    public IReadOnlyList<string> Deciders { get; }

    /// <summary>A message if <c>spec.replicas</c> and quantity disagree or one has no effect; null otherwise.</summary>
    internal string? Note(bool hasWeb) => Replicas switch
    {
        null => null,
        { } replicas when !hasWeb =>
            $"spec.replicas {replicas}{SetBy} has no effect: the app has no process of type {ProcessTypes.Web}.",
        { } replicas when replicas != Quantity =>
            $"spec.replicas {replicas}{SetBy} decides the number of web dynos: quantity {Quantity} of process "
            + $"{ProcessTypes.Web} has no effect until spec.replicas is removed.",
        _ => null,
    };

    /// <summary>For messages: <c> (set by kubectl)</c>, or nothing if unknown.</summary>
    internal string SetBy => Deciders.Count == 0 ? "" : $" (set by {string.Join(", ", Deciders)})";

    /// <summary>The number of dynos of a process type of the same App.</summary>
    public int QuantityOf(ProcessSpec process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.Type == ProcessTypes.Web ? Replicas ?? process.Quantity : process.Quantity;
    }

    /// <summary>The decision for an App as stored, or as a manifest has it before it is applied.</summary>
    public static WebScale FromApp(App app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var web = app.Spec.Processes?.FirstOrDefault(process => process.Type == ProcessTypes.Web);
        var (replicas, quantity) = (app.Spec.Replicas, web?.Quantity ?? 0);
        var entries = app.Metadata.ManagedFields ?? [];
        var hasEntry = entries.Any(IsOurs);
        var isMarked = app.Metadata.Annotations?.ContainsKey(Annotations.MirroredReplicas) == true;
        string[] deciders =
        [
            .. entries.Where(entry => !IsOurs(entry) && HasReplicas(entry))
                .Select(entry => entry.Manager ?? "")
                .Where(name => name.Length > 0)
                .Distinct(),
        ];

        // The API server records no field manager for a scale to zero: the number is missing in the object that it
        // compares, and only the operator's entry loses the field.
        var hasField = entries.Any(entry => IsOurs(entry) && HasReplicas(entry));
        var isOurs = deciders.Length == 0 && (hasField || (isMarked && (!hasEntry || replicas == quantity)));
        var wasSeen = app.Status?.ObservedGeneration >= 0;
        if (replicas is not null && isMarked && !hasEntry && !wasSeen)
        {
            return new(ScaleAction.Reset, null, quantity, []);
        }

        if (replicas is not null && !isOurs)
        {
            return new(hasEntry ? ScaleAction.Release : ScaleAction.None, replicas, quantity, deciders);
        }

        var isMirror = replicas == quantity && isMarked && hasField;
        return web is null
            ? new(hasEntry ? ScaleAction.Release : ScaleAction.None, null, quantity, [])
            : new(isMirror ? ScaleAction.None : ScaleAction.Mirror, null, quantity, []);
    }

    /// <summary>
    /// The cached part of an entry of managedFields: who changed the spec and when, and whether it has
    /// <c>spec.replicas</c> or the cause of a change. Null for an entry without these.
    /// </summary>
    public static V1ManagedFieldsEntry? Keep(V1ManagedFieldsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var kept = (ReleaseOrigin.HasCause(entry), HasReplicas(entry), ReleaseOrigin.HasSpec(entry)) switch
        {
            (true, true, _) => CauseAndReplicas,
            (true, _, true) => CauseAndSpec,
            (true, _, _) => OnlyCause,
            (_, true, _) => OnlyReplicas,
            (_, _, true) => OnlySpec,
            _ => Nothing,
        };
        return kept.EnumerateObject().Any() || IsOurs(entry)
            ? new() { Manager = entry.Manager, Subresource = entry.Subresource, Time = entry.Time, FieldsV1 = kept }
            : null;
    }

    private static JsonElement WithCause(string rest) => JsonDocument.Parse(
        """{"f:metadata":{"f:annotations":{"f:""" + ReleaseOrigin.CauseAnnotation + "\":{}}}" + rest + "}").RootElement;

    private static bool IsOurs(V1ManagedFieldsEntry entry) => entry.Manager == DynospaceGroup.ScaleFieldManager;

    private static bool HasReplicas(V1ManagedFieldsEntry entry) =>
        ReleaseOrigin.HasField(entry, SpecField, ReplicasField);
}
