using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// Lines have at most 120 columns. Only recorded text in tests, such as JSON that a server sent, may be longer.
/// </summary>
public sealed class SourceTests
{
    private const int Columns = 120;

    private static readonly string[] Folders = [".ci", "charts", "crds", "docs", "samples", "src", "tests"];

    [Fact]
    public void Code_has_at_most_120_columns()
    {
        var wide = Directory.EnumerateFiles(RepositoryFolder.Combine("src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(RepositoryFolder.Combine("tests"), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(path => (Path: path, Name: Path.GetRelativePath(RepositoryFolder.Path, path)))
            .SelectMany(file => File.ReadLines(file.Path).Select((line, index) => (file.Name, line, Number: index + 1)))
            .Where(row => row.line.Length > Columns)
            .Where(row => row.Name.StartsWith("src", StringComparison.Ordinal) || !IsText(row.line))
            .Select(row => $"{row.Name}:{row.Number}");

        Assert.Empty(wide);
    }

    /// <summary>Names that every shell and file system takes as they are; another name is a slip of a script.</summary>
    [Fact]
    public void Names_of_files_have_letters_digits_and_the_marks_of_paths()
    {
        var odd = RepositoryFiles()
            .Select(path => Path.GetRelativePath(RepositoryFolder.Path, path))
            .Where(name => name.Any(mark => !char.IsAsciiLetterOrDigit(mark) && !"/._-+~".Contains(mark)));

        Assert.Empty(odd);
    }

    private static IEnumerable<string> RepositoryFiles() => Folders
        .SelectMany(folder => Directory.EnumerateFiles(
            RepositoryFolder.Combine(folder), "*", SearchOption.AllDirectories))
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "TestResults"))
        .Concat(Directory.EnumerateFiles(RepositoryFolder.Path));

    /// <summary>A quote stands in it, or it is a line of a raw string: YAML, JSON or a page.</summary>
    private static bool IsText(string line) =>
        line.Contains('"')
        || (!line.TrimEnd().EndsWith(';') && !line.TrimStart().StartsWith("//", StringComparison.Ordinal));
}
