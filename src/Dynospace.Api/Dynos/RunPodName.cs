using System.Globalization;

namespace Dynospace.Api.Dynos;

/// <summary>
/// Names of the pods of one-off runs: <c>shop--run-9157-x7k2p</c>, and with a recorder <c>shop--run-9157-rec-x7k2p</c>.
/// No other pod of a space has two hyphens and <c>run</c> in its name: neither apps nor process types may have two, and
/// by admission only the operator makes such pods. The admission policies for attaching see nothing but the name.
/// </summary>
public static class RunPodName
{
    /// <summary>Between the app and the number.</summary>
    private const string Mark = "--run-";

    /// <summary>Between the number and the end.</summary>
    private const string Recorded = "rec";

    /// <summary>All but the end.</summary>
    public static string Stem(string app, int number, bool isRecorded) => string.Create(
        CultureInfo.InvariantCulture, $"{app}{Mark}{number}-{(isRecorded ? Recorded + "-" : "")}");

    /// <summary>The number of the run; null for the name of another pod.</summary>
    public static int? NumberOf(string pod) =>
        Parts(pod) is { } parts
        && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Whether what is typed into the run is recorded, so that a Shield space admits attaching.</summary>
    public static bool IsRecorded(string pod) => Parts(pod) is [_, _, _];

    private static string[]? Parts(string pod)
    {
        var start = pod.IndexOf(Mark, StringComparison.Ordinal);
        return start > 0 && pod[(start + Mark.Length)..].Split('-') is { } parts
            && (parts is [_, _] || parts is [_, Recorded, _])
                ? parts
                : null;
    }
}
