namespace DevCluster.Testing.RealApiServer;

/// <summary>
/// Where <c>kube-apiserver</c> and <c>etcd</c> are, as the environment variable KUBEBUILDER_ASSETS says.
/// </summary>
public sealed record RealApiServerBinaries(string ApiServer, string Etcd)
{
    public const string Variable = "KUBEBUILDER_ASSETS";

    /// <summary>Null when the variable is unset or names a folder without the two programs.</summary>
    public static RealApiServerBinaries? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
        {
            return null;
        }

        var suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        var binaries = new RealApiServerBinaries(
            Path.Combine(folder, "kube-apiserver" + suffix), Path.Combine(folder, "etcd" + suffix));
        return File.Exists(binaries.ApiServer) && File.Exists(binaries.Etcd) ? binaries : null;
    }
}
