using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// How a simulated container behaves. Any image "runs": with restartPolicy Always forever, otherwise for <see
/// cref="ControlPlaneOptions.RunToCompletion"/>, and then it exits with code 0. Other behavior is requested by the
/// annotation <c>devcluster.dev/simulate</c> on the pod (<see cref="ControlPlaneOptions.SimulationAnnotations"/>), by
/// <c>devcluster.dev/simulate.CONTAINER</c> for one container, or by an image named <c>simulate/WORD</c>. Words are
/// separated by commas, or by plus signs in an image name, which cannot contain commas:
/// <list type="table">
/// <item><term><c>crash</c></term><description>exits with code 1 repeatedly: CrashLoopBackOff</description></item>
/// <item><term><c>exit:N</c></term><description>exits with code N (as an image:
/// <c>simulate/exit:N</c>)</description></item>
/// <item><term><c>keeps-running</c></term><description>does not exit by itself, regardless of the
/// restartPolicy</description></item>
/// <item><term><c>unready</c></term><description>runs but never becomes ready; removing the word makes it
/// ready</description></item>
/// <item><term><c>image-pull-error</c></term><description>ImagePullBackOff</description></item>
/// <item><term><c>never-terminates</c></term><description>ignores SIGTERM until the grace period
/// ends</description></item>
/// </list>
/// The annotation is read again at every change of the pod, so a running container can be made to crash.
/// </summary>
internal sealed record SimulatedBehavior
{
    private const string ImagePrefix = "simulate/";

    /// <summary>The exit code; null lets the restart policy decide whether the container exits.</summary>
    public int? ExitCode { get; init; }

    public bool KeepsRunning { get; init; }

    public bool IsUnready { get; init; }

    public bool FailsToPull { get; init; }

    public bool IgnoresTermination { get; init; }

    public static SimulatedBehavior FromPod(JsonObject pod, JsonObject container, IReadOnlyList<string> keys)
    {
        var annotations = pod.Map("metadata", "annotations");
        var words = keys
            .Select(key => annotations.Text($"{key}.{container.Text("name")}") ?? annotations.Text(key))
            .FirstOrDefault(found => found is not null);
        var image = container.Text("image") ?? "";
        if (words is null && image.StartsWith(ImagePrefix, StringComparison.Ordinal))
        {
            words = image[ImagePrefix.Length..];
        }

        return words is null
            ? new SimulatedBehavior()
            : words.Split([',', '+'], StringSplitOptions.TrimEntries).Aggregate(new SimulatedBehavior(), With);
    }

    private static SimulatedBehavior With(SimulatedBehavior behavior, string word) => word switch
    {
        "crash" => behavior with { ExitCode = 1 },
        "keeps-running" => behavior with { KeepsRunning = true },
        "unready" => behavior with { IsUnready = true },
        "image-pull-error" => behavior with { FailsToPull = true },
        "never-terminates" => behavior with { IgnoresTermination = true },
        _ when word.StartsWith("exit:", StringComparison.Ordinal)
            && int.TryParse(word.AsSpan(5), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) =>
                behavior with { ExitCode = code },
        _ => behavior,
    };
}
