// Manifests: reads manifests from files and from the program itself, and applies them.

using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api.Crds;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;

namespace Dynospace.Cli.Manifests;

/// <summary>One object of a file.</summary>
/// <param name="Source">The file, as the user named it.</param>
/// <param name="Content">The object.</param>
public sealed record Manifest(string Source, JsonObject Content)
{
    public string ApiVersion => Text("apiVersion");

    public string Kind => Text("kind");

    public ObjectKey Key => JsonObjects.KeyOf(Content);

    private string Text(string field) =>
        Content[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public override string ToString() => $"{Source}: {Kind} {Key}";
}

/// <summary>
/// Finds <c>crds/</c> and <c>samples/</c>: in the current folder or one above it, then around the program.
/// </summary>
public static class ManifestSources
{
    /// <summary>The CRDs of the current checkout, else those embedded in this program.</summary>
    public static IReadOnlyList<Manifest> Crds(CliEnvironment environment) =>
        Find(environment, "crds", EmbeddedFiles.Spaces) is { } folder
            ? ManifestReader.ReadPath(folder, "crds")
            : Parse(EmbeddedFiles.Crds);

    /// <summary>The samples of the current checkout, else those embedded in this program.</summary>
    public static IReadOnlyList<Manifest> Samples(CliEnvironment environment) =>
        Find(environment, "samples", "common.yaml") is { } folder
            ? ManifestReader.ReadPath(folder, "samples")
            : Parse(EmbeddedFiles.Samples);

    private static List<Manifest> Parse(IEnumerable<CrdFile> files) =>
        [.. files.SelectMany(file => ManifestReader.ReadText(file.Text, file.Name))];

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

/// <summary>
/// Reads the objects of folders and files, in the order in which kubectl applies them: by file name, then as they
/// stand.
/// </summary>
public static class ManifestReader
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    private const string StandardInput = "-";

    /// <summary>Reads a folder, a file, or standard input for <c>-</c>.</summary>
    /// <exception cref="CliException">There is nothing to read, or what is there is not YAML of Kubernetes
    /// objects.</exception>
    public static IReadOnlyList<Manifest> Read(string path, CliEnvironment environment)
    {
        if (path != StandardInput)
        {
            return ReadPath(environment.FullPath(path), path);
        }

        using var input = environment.In();
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return Some(Parse(bytes.ToArray(), "standard input"), "standard input");
    }

    /// <exception cref="CliException">The path does not exist, or what is there is not YAML of Kubernetes
    /// objects.</exception>
    public static IReadOnlyList<Manifest> ReadPath(string path, string shownAs)
    {
        if (File.Exists(path))
        {
            return Some(ReadFile(path, shownAs), shownAs);
        }

        if (!Directory.Exists(path))
        {
            throw new CliException($"{shownAs} does not exist: name a folder or a file of YAML.");
        }

        var files = Directory.GetFiles(path).Where(IsManifest).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0
            ? Some(
                [.. files.SelectMany(file => ReadFile(file, Path.Combine(shownAs, Path.GetFileName(file))))], shownAs)
            : throw new CliException($"{shownAs} holds no YAML: name a folder with *.yaml files.");
    }

    /// <exception cref="CliException">The text is not YAML of Kubernetes objects.</exception>
    public static IReadOnlyList<Manifest> ReadText(string text, string shownAs) =>
        Parse(Encoding.UTF8.GetBytes(text), shownAs);

    private static IReadOnlyList<Manifest> ReadFile(string file, string shownAs)
    {
        try
        {
            return Parse(File.ReadAllBytes(file), shownAs);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{shownAs} cannot be read: {e.Message}", e);
        }
    }

    private static IReadOnlyList<Manifest> Parse(byte[] text, string shownAs)
    {
        try
        {
            return
            [
                .. YamlReader.ReadAll(text)
                    .SelectMany(document => Items(document, shownAs))
                    .Where(manifest => !IsKustomization(manifest)),
            ];
        }
        catch (FormatException e)
        {
            throw new CliException($"{shownAs}: {e.Message}", e);
        }
    }

    private static IReadOnlyList<Manifest> Some(IReadOnlyList<Manifest> manifests, string shownAs) =>
        manifests.Count > 0
            ? manifests
            : throw new CliException($"{shownAs} holds no objects: name what holds at least one Kubernetes object.");

    private static bool IsManifest(string file) =>
        Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    /// <summary>It is a list of files for kubectl, not an object of a cluster.</summary>
    private static bool IsKustomization(Manifest manifest) =>
        manifest.ApiVersion.StartsWith("kustomize.config.k8s.io/", StringComparison.Ordinal);

    private static IEnumerable<Manifest> Items(JsonNode document, string shownAs) => document is JsonObject content
        ? YamlReader.Flatten(content).Select(item => Complete(new Manifest(shownAs, item)))
        : throw new CliException(
            $"{shownAs}: a document is not an object: every one needs apiVersion, kind and metadata.name.");

    private static Manifest Complete(Manifest manifest) => Missing(manifest) is { } missing
        ? throw new CliException(
            $"{manifest.Source}: an object{(manifest.Kind.Length > 0 ? " of kind " + manifest.Kind : "")} has no "
            + $"{missing}: add it.")
        : manifest;

    private static string? Missing(Manifest manifest) => manifest switch
    {
        { ApiVersion: "" } => "apiVersion",
        { Kind: "" } => "kind",
        _ when !IsKustomization(manifest) && (manifest.Content["metadata"] as JsonObject)?["name"] is not JsonValue =>
            "metadata.name",
        _ => null,
    };
}
