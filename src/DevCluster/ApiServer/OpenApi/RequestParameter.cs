namespace DevCluster.ApiServer.OpenApi;

/// <summary>One parameter in the path or the query.</summary>
internal sealed record RequestParameter(string Name, string Type, string Description)
{
    public bool IsInPath { get; init; }

    public static readonly RequestParameter ObjectName = new("name", "string", "The object's name.")
    {
        IsInPath = true,
    };
    public static readonly RequestParameter Namespace = new("namespace", "string", "The object's namespace.")
    {
        IsInPath = true,
    };
    public static readonly RequestParameter Pretty = new("pretty", "string", "'true' prints the output indented.");

    /// <summary>
    /// Which fields to check strictly; kubectl looks for this one before it leaves validation to the server.
    /// </summary>
    private static readonly RequestParameter FieldValidation =
        new("fieldValidation", "string", "What becomes of unknown or duplicate fields: Ignore, Warn or Strict.");

    private static readonly RequestParameter DryRun = new("dryRun", "string", "All: run every stage, store nothing.");
    private static readonly RequestParameter FieldManager = new(
        "fieldManager", "string", "The name of whoever makes the change, at most 128 characters.");
    private static readonly RequestParameter Force = new(
        "force", "boolean", "Take over fields that others own; only for apply.");

    public static readonly IReadOnlyList<RequestParameter> Writing = [DryRun, FieldManager, FieldValidation];
    public static readonly IReadOnlyList<RequestParameter> Patching = [DryRun, FieldManager, FieldValidation, Force];

    public static readonly IReadOnlyList<RequestParameter> Deleting =
    [
        DryRun,
        new("gracePeriodSeconds", "integer", "Seconds until the object is removed; zero removes it at once."),
        new("orphanDependents", "boolean", "Deprecated: use propagationPolicy."),
        new("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
    ];

    public static readonly IReadOnlyList<RequestParameter> Listing =
    [
        new("allowWatchBookmarks", "boolean", "Send BOOKMARK events while watching."),
        new("continue", "string", "The token of the next page."),
        new("fieldSelector", "string", "Only objects whose fields match."),
        new("labelSelector", "string", "Only objects whose labels match."),
        new("limit", "integer", "The size of a page."),
        new("resourceVersion", "string", "The version to read at or to watch from."),
        new("resourceVersionMatch", "string", "How resourceVersion applies: Exact or NotOlderThan."),
        new("sendInitialEvents", "boolean", "Begin a watch with the objects there are."),
        new("timeoutSeconds", "integer", "When to end the call."),
        new("watch", "boolean", "Stream changes instead of a list."),
    ];
}
