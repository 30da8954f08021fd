using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Restarts on request: annotations of an App become a token in the spec of its dynos, and another token is another
/// pod. The token has a part for each annotation that concerns the dyno. The part of a missing annotation stays as it
/// was, so that removing a request restarts nothing.
/// </summary>
internal static class Restart
{
    private const int PartLength = 8;
    private const char Separator = '.';
    private const string NeverAsked = "-";

    /// <summary>The token for a dyno; null if no restart was ever requested.</summary>
    /// <param name="before">The dyno's token until now.</param>
    public static string? TokenOf(App app, string processType, int index, string? before)
    {
        string?[] asked =
        [
            Value(app, Annotations.RestartedAt),
            Value(app, Annotations.RestartedAtOf(processType)),
            Value(app, Annotations.RestartedAtOf(processType, index)),
        ];
        if (asked.All(value => value is null))
        {
            return before;
        }

        var known = before?.Split(Separator) ?? [];
        return string.Join(Separator, asked.Select((value, at) => value is not null
            ? new StableHash().Add(value).ToNameSuffix(PartLength)
            : known.Length == asked.Length ? known[at] : NeverAsked));
    }

    /// <summary>Whether a dyno has to be restarted.</summary>
    public static bool IsDue(App app, Dyno dyno) =>
        TokenOf(app, dyno.Spec.ProcessType, dyno.Spec.Index, dyno.Spec.Restart) != dyno.Spec.Restart;

    private static string? Value(App app, string annotation) =>
        app.Metadata.Annotations?.TryGetValue(annotation, out var value) == true ? value : null;
}
