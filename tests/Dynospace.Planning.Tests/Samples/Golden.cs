using Dynospace.Testing.Golden;

namespace Dynospace.Planning.Tests.Samples;

/// <summary>The golden folders of these tests.</summary>
internal static class Golden
{
    public static void Verify(string caseName, string folder, IEnumerable<object> objects) =>
        GoldenObjects.Verify(
            RepositoryFolder.Combine("tests", "Dynospace.Planning.Tests", "Golden", caseName, folder), objects);
}
