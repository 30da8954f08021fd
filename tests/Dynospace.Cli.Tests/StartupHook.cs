/// <summary>
/// Run by the runtime in the processes that <see cref="Dynospace.Cli.Tests.Commands.StartTests"/> starts. The runtime
/// finds it by this name, outside any namespace.
/// </summary>
internal static class StartupHook
{
    public const string Variable = "DYNOSPACE_TEST_ASSEMBLIES";

    /// <summary>Writes at the end of the process which assemblies it has loaded.</summary>
    public static void Initialize()
    {
        var report = Environment.GetEnvironmentVariable(Variable)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            var loaded = AppDomain.CurrentDomain.GetAssemblies();
            File.WriteAllLines(report, Array.ConvertAll(loaded, assembly => assembly.GetName().Name!));
        };
    }
}
