using Xunit;

namespace DevCluster.Testing;

/// <summary>Compares text with a checked-in file; <c>UPDATE_GOLDEN=1</c> writes the file instead.</summary>
public static class GoldenFile
{
    public static void Verify(string path, string actual)
    {
        var normalized = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, normalized);
            return;
        }

        Assert.True(
            File.Exists(path), $"{path} is missing: run the test once with UPDATE_GOLDEN=1 and look at what it wrote.");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), normalized);
    }
}
