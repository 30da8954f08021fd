using Dynospace.Api.Crds;

namespace Dynospace.Cli.Manifests;

/// <summary>The files of <c>crds/</c>, <c>samples/</c> and the chart that this program was built with.</summary>
public static class EmbeddedFiles
{
    /// <summary>The file of Spaces.</summary>
    public const string Spaces = "dynospace.dev_spaces.yaml";

    /// <summary>The CustomResourceDefinitions, in the order of <c>crds/kustomization.yaml</c>.</summary>
    public static IReadOnlyList<CrdFile> Crds { get; } = [.. Read("crds/").OrderBy(file => file.Name != Spaces)];

    /// <summary>The samples, in the order of their names.</summary>
    public static IReadOnlyList<CrdFile> Samples { get; } = Read("samples/");

    private static List<CrdFile> Read(string folder) =>
    [
        .. typeof(EmbeddedFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new CrdFile(name[folder.Length..], Text(name))),
    ];

    /// <summary>A file by its name.</summary>
    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
