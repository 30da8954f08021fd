namespace Dynospace.Cli.Display;

/// <summary>Sentences that more than one screen says.</summary>
internal static class DevTexts
{
    public const string Simulated = "Nodes are simulated: no image is pulled, no process runs, no packet flows.";

    /// <summary>What to try next.</summary>
    public static IReadOnlyList<string> NextSteps(Place place) =>
    [
        $"export KUBECONFIG={Quoted(Path.GetFullPath(place.Kubeconfig))}",
        "kubectl get spaces,apps,dynos -A",
        "kubectl describe spaces",
        "kubectl explain app.spec",
    ];

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
