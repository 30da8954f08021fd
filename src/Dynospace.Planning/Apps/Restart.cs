using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Restarts on request: annotations of an App become a token in the spec of its dynos, and another token is another
/// pod. An App without such annotations leaves the tokens as they are, so that removing them restarts nothing.
/// </summary>
internal static class Restart
{
    private const int TokenLength = 10;

    /// <summary>The token for a dyno; null where no restart was ever asked for.</summary>
    public static string? TokenOf(App app, string processType, int index)
    {
        string?[] asked =
        [
            Value(app, Annotations.RestartedAt),
            Value(app, Annotations.RestartedAtOf(processType)),
            Value(app, Annotations.RestartedAtOf(processType, index)),
        ];
        return asked.All(value => value is null)
            ? null
            : asked.Aggregate(new StableHash(), (hash, value) => hash.Add(value)).ToNameSuffix(TokenLength);
    }

    /// <summary>Whether a dyno has to be restarted.</summary>
    public static bool IsDue(App app, Dyno dyno) =>
        TokenOf(app, dyno.Spec.ProcessType, dyno.Spec.Index) is { } token && token != dyno.Spec.Restart;

    private static string? Value(App app, string annotation) =>
        app.Metadata.Annotations?.TryGetValue(annotation, out var value) == true ? value : null;
}
