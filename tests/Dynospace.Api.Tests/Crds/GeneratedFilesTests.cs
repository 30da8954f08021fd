using Dynospace.Api.Crds;
using Xunit;

namespace Dynospace.Api.Tests.Crds;

public sealed class GeneratedFilesTests
{
    private static readonly IReadOnlyList<CrdFile> Crds = CrdFiles.Generate();

    private static readonly List<CrdFile> Files = [.. Crds, CrdFiles.Kustomization(Crds)];

    public static TheoryData<string> Names => new(Files.Select(file => file.Name));

    [Theory, MemberData(nameof(Names))]
    public void Checked_in_file_is_what_the_types_say(string name) =>
        GoldenFile.Verify(RepositoryFolder.Combine("crds", name), Files.Single(file => file.Name == name).Text);

    [Fact]
    public void Folder_holds_nothing_else() => Assert.Equal(
        Files.Select(file => file.Name).ToHashSet(),
        Directory.GetFiles(RepositoryFolder.Combine("crds")).Select(file => Path.GetFileName(file)).ToHashSet());

    [Fact]
    public void Generating_twice_gives_the_same_text() => Assert.Equal(Crds, CrdFiles.Generate());
}
