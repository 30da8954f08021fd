using System.Text.RegularExpressions;
using Xunit;

namespace Dynospace.Testing.Golden;

/// <summary>
/// Compares YAML documents with a checked-in folder, one object a file, so that a diff shows which objects a change
/// concerns. <c>order.txt</c> lists the files in the order of the documents.
/// </summary>
public static partial class GoldenFolder
{
    private const string Order = "order.txt";

    /// <param name="folder">The folder; with <c>UPDATE_GOLDEN=1</c> its YAML files are replaced.</param>
    /// <param name="yaml">The documents, separated by lines of <c>---</c>.</param>
    public static void Verify(string folder, string yaml)
    {
        var documents = Named(Separator().Split(yaml.ReplaceLineEndings("\n")).Where(text => text.Trim().Length > 0));
        var names = documents.Select(document => document.Name).Append(Order).ToHashSet();
        var found = Directory.Exists(folder) ? Directory.GetFiles(folder).Select(path => Path.GetFileName(path)) : [];
        var surplus = found.Where(name => !names.Contains(name)).ToList();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            surplus.ForEach(name => File.Delete(Path.Combine(folder, name)));
            surplus = [];
        }

        Assert.Empty(surplus);
        GoldenFile.Verify(
            Path.Combine(folder, Order), string.Concat(documents.Select(document => document.Name + "\n")));
        foreach (var (name, text) in documents)
        {
            GoldenFile.Verify(Path.Combine(folder, name), text);
        }
    }

    private static List<(string Name, string Text)> Named(IEnumerable<string> documents)
    {
        var named = new List<(string Name, string Text)>();
        foreach (var text in documents)
        {
            var parts = new[] { Kind(), Namespace(), Name() }
                .Select(part => part.Match(text).Groups[1].Value)
                .Where(part => part.Length > 0);
            var name = string.Join('-', parts).ToLowerInvariant();
            var namesakes = named.Count(other => other.Name == name + ".yaml" || other.Name.StartsWith(name + "~", StringComparison.Ordinal));
            named.Add(($"{name}{(namesakes == 0 ? "" : $"~{namesakes + 1}")}.yaml", text));
        }

        return named;
    }

    [GeneratedRegex(@"^---\n", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^kind: ""?([^""\n]+)", RegexOptions.Multiline)]
    private static partial Regex Kind();

    [GeneratedRegex(@"^metadata:\n(?:  .*\n)*?  namespace: ""?([^""\n]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^metadata:\n(?:  .*\n)*?  name: ""?([^""\n]+)", RegexOptions.Multiline)]
    private static partial Regex Name();
}
