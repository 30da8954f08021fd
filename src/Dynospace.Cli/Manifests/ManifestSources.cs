using Dynospace.Api.Crds;

namespace Dynospace.Cli.Manifests;

/// <summary>Finds <c>crds/</c> and <c>samples/</c>: in the current folder or one above it, then around the program.</summary>
internal static class ManifestSources
{
    /// <summary>The CRDs of the checkout that one works in, else those of this program.</summary>
    public static IReadOnlyList<Manifest> Crds(CliEnvironment environment)
    {
        var files = CrdFiles.Generate();
        return Find(environment, "crds", files[0].Name) is { } folder
            ? ManifestReader.ReadPath(folder, "crds")
            : [.. files.SelectMany(file => ManifestReader.ReadText(file.Text, file.Name))];
    }

    /// <exception cref="CliException">There are no samples.</exception>
    public static IReadOnlyList<Manifest> Samples(CliEnvironment environment) =>
        Find(environment, "samples", "common.yaml") is { } folder
            ? ManifestReader.ReadPath(folder, "samples")
            : throw new CliException($"no samples/ in {environment.CurrentFolder} or above it: run this in a checkout of Dynospace, or name what to apply with --apply DIR.");

    private static string? Find(CliEnvironment environment, string name, string landmark) =>
        new[] { environment.CurrentFolder, environment.ProgramFolder }
            .SelectMany(Upwards)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, landmark)));

    private static IEnumerable<string> Upwards(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
