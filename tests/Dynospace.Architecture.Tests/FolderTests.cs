using System.Text.RegularExpressions;
using Mono.Cecil;
using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// A folder has a face: what other folders use is public, the rest internal, and a comment at the top of its main file
/// says what the folder is for.
/// </summary>
public sealed partial class FolderTests
{
    // A comment of one sentence says something; a name alone does not.
    private const int ShortestComment = 30;

    internal static readonly Lazy<IReadOnlyList<SourceFile>> Sources = new(ReadSources);

    /// <summary>The namespaces that use a type.</summary>
    private static readonly Lazy<ILookup<(string Assembly, string Type), string>> Users = new(ReadUsers);

    public static TheoryData<string> Assemblies => NamespaceTests.Assemblies;

    /// <summary>
    /// The dev cluster's assemblies are libraries for others, which share internals among themselves: there public is
    /// what others may rely on.
    /// </summary>
    public static TheoryData<string> ProductAssemblies =>
        [
            .. Assemblies.Select(row => row.Data)
                .Where(name => !name.StartsWith("DevCluster.", StringComparison.Ordinal)),
        ];

    [Theory]
    [MemberData(nameof(ProductAssemblies))]
    public void What_other_folders_use_is_public(string assembly)
    {
        using var module = Read(assembly);

        var hidden = OwnTypes(module).Where(type => !type.IsPublic)
            .Select(type => (Type: type, User: OtherUsers(assembly, type).FirstOrDefault()))
            .Where(row => row.User is not null)
            .Select(row => $"{row.Type.FullName} is used in {row.User}");

        AssertNone(hidden, "used in another folder and not public");
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void What_no_other_folder_uses_is_internal(string assembly)
    {
        using var module = Read(assembly);
        var types = OwnTypes(module).ToList();
        // A public member cannot show an internal type.
        var shown = types.Where(type => type.IsPublic)
            .SelectMany(TypeUses.ShownBy, (type, shown) => (type, shown))
            .Where(pair => TypeUses.Outermost(pair.shown) != pair.type)
            .Select(pair => TypeUses.Outermost(pair.shown).FullName)
            .ToHashSet();

        var needless = types.Where(type => type.IsPublic && !shown.Contains(type.FullName))
            .Where(type => !OtherUsers(assembly, type).Any() && !IsNamedElsewhere(type))
            .Select(type => type.FullName);

        AssertNone(needless, "public though no other folder uses it: make it internal");
    }

    [Fact]
    public void One_file_of_each_folder_says_at_its_top_what_the_folder_is_for()
    {
        var silent = Sources.Value.GroupBy(file => file.Folder)
            .Where(folder => folder.Count(file => IsMainFile(file, folder.Key)) != 1)
            .Select(folder => folder.Key);

        AssertNone(silent, "folders whose main file does not begin with a comment such as // Folder: what it is for.");
    }

    [Fact]
    public void Only_main_files_begin_with_the_name_of_a_folder()
    {
        var strayed = Sources.Value
            .Select(file => (file.Path, file.Folder, Opening: FolderComment().Match(file.Text)))
            .Where(row => row.Opening.Success && row.Opening.Groups[1].Value != Path.GetFileName(row.Folder))
            .Select(row => row.Path);

        AssertNone(strayed, "begin with the name of another folder");
    }

    internal static void AssertNone(IEnumerable<string> found, string problem)
    {
        var all = found.ToList();
        Assert.True(all.Count == 0, $"{problem}:\n{string.Join('\n', all)}");
    }

    private static bool IsMainFile(SourceFile file, string folder)
    {
        var opening = $"// {Path.GetFileName(folder)}: ";
        return file.Text.StartsWith(opening, StringComparison.Ordinal)
            && file.Text.IndexOf('\n') > opening.Length + ShortestComment;
    }

    internal static ModuleDefinition Read(string assembly) =>
        ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

    internal static IEnumerable<TypeDefinition> OwnTypes(ModuleDefinition module) =>
        module.Types.Where(type => IsOwn(type.Namespace) && !type.Name.StartsWith('<'));

    private static IEnumerable<string> OtherUsers(string assembly, TypeDefinition type) =>
        Users.Value[(assembly, type.FullName)].Where(user => user != type.Namespace);

    // The compiler puts constants in the place of their names, so that the source alone shows who uses them.
    private static bool IsNamedElsewhere(TypeDefinition type) =>
        type.Fields.Any(field => field.IsLiteral)
        && new Regex($@"\b{type.Name}\.") is var name
        && Sources.Value.Any(file => !file.Text.Contains($"namespace {type.Namespace};", StringComparison.Ordinal)
            && name.IsMatch(file.Text));

    private static bool IsOwn(string ns) =>
        ns.StartsWith("Dynospace", StringComparison.Ordinal) || ns.StartsWith("DevCluster", StringComparison.Ordinal);

    private static ILookup<(string Assembly, string Type), string> ReadUsers() => Assemblies
        .Select(row => row.Data)
        .SelectMany(assembly =>
        {
            using var module = Read(assembly);
            return TypeUses.InModule(module)
                .Select(use => (Used: TypeUses.Outermost(use.Used), User: TypeUses.Outermost(use.User)))
                .Where(use => IsOwn(use.Used.Namespace) && IsOwn(use.User.Namespace))
                .Select(use => (Key: (AssemblyOf(use.Used), use.Used.FullName), User: use.User.Namespace))
                .Distinct()
                .ToList();
        })
        .ToLookup(use => use.Key, use => use.User);

    private static string AssemblyOf(TypeReference type) => type.Scope switch
    {
        ModuleDefinition module => module.Assembly.Name.Name,
        var reference => reference.Name,
    };

    private static List<SourceFile> ReadSources() =>
    [
        .. Directory.EnumerateFiles(RepositoryFolder.Combine("src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(RepositoryFolder.Path, path).Replace('\\', '/')))
            .Where(file => !file.Name.Split('/').Any(part => part is "bin" or "obj"))
            .Select(file => new SourceFile(
                file.Name, Path.GetDirectoryName(file.Name)!.Replace('\\', '/'), File.ReadAllText(file.Path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    [GeneratedRegex(@"\A// ([A-Z][A-Za-z.]*): ")]
    private static partial Regex FolderComment();

    internal sealed record SourceFile(string Path, string Folder, string Text);
}
