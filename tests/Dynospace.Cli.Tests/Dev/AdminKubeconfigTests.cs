using System.Runtime.Versioning;
using Dynospace.Cli.Dev;
using Xunit;

namespace Dynospace.Cli.Tests.Dev;

public sealed class AdminKubeconfigTests : IDisposable
{
    private readonly TestEnvironment _environment = new();

    public void Dispose() => _environment.Dispose();

    [Fact, UnsupportedOSPlatform("windows")]
    public void Folders_are_made_and_only_the_owner_may_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var path = Path.Combine(_environment.Folder, "a/b/kubeconfig");
        AdminKubeconfig.CheckWritable(path);
        AdminKubeconfig.Write(path, "token");
        Assert.Equal("token", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void A_file_that_was_open_to_all_is_closed_and_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var path = _environment.Write("kubeconfig", "something long that was there before");
        File.SetUnixFileMode(
            path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        AdminKubeconfig.Write(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Checking_leaves_what_is_there()
    {
        var path = _environment.Write("kubeconfig", "old");
        AdminKubeconfig.CheckWritable(path);
        Assert.Equal("old", File.ReadAllText(path));
    }
}
