// Dynospace.Hosting: the frame of every program: options, connection to the cluster, health and metrics, signals, exit
// codes.

using System.Reflection;
using Dynospace.Hosting.Options;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dynospace.Hosting;

// The frame that the programs share, on the .NET Generic Host: options, logs, health, signals and exit codes.

/// <summary>What one program brings to the frame.</summary>
public sealed record HostedProgram<T>
{
    /// <summary>The program's name in <c>--help</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence about the program.</summary>
    public required string Summary { get; init; }

    /// <summary>What the names of environment variables begin with.</summary>
    public required string EnvironmentPrefix { get; init; }

    /// <summary>The options that it takes.</summary>
    public required OptionTable<T> Options { get; init; }

    /// <summary>The options that name a port, for the message when one is taken.</summary>
    public required IReadOnlyList<string> PortOptions { get; init; }

    /// <summary>Where log messages go; by default to standard output, as JSON.</summary>
    public Action<ILoggingBuilder> ConfigureLogs { get; init; } = ProgramLogs.Configure;

    /// <summary>The program: returns when cancelled, throws what a restart may mend.</summary>
    public required Func<T, ILoggerFactory, CancellationToken, Task> RunAsync { get; init; }

    /// <summary>Runs the program until SIGTERM or SIGINT and returns the exit code.</summary>
    public async Task<int> RunToExitAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["--help" or "-h" or "help"]:
                await Console.Out.WriteAsync(OptionDocuments.Help(Name, Summary, EnvironmentPrefix, Options));
                return 0;
            case ["--version" or "version"]:
                await Console.Out.WriteLineAsync(ProgramVersion.FromAssembly(Assembly.GetEntryAssembly()));
                return 0;
        }

        try
        {
            Options.RefuseMalformed(arguments);
            var options = Options.Read(
                new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix)
                    .AddCommandLine(arguments)
                    .Build());
            return await RunHostAsync(options);
        }
        catch (OptionException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private async Task<int> RunHostAsync(T options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        ConfigureLogs(builder.Logging);
        builder.Services
            .Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true)
            // How long work in flight may take is the program's to say.
            .Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan)
            .AddSingleton<ProgramService>()
            .AddHostedService(services => services.GetRequiredService<ProgramService>())
            .AddSingleton<Func<ILoggerFactory, CancellationToken, Task>>(
                (loggers, stop) => RunAsync(options, loggers, stop))
            .AddSingleton(new ProgramNames(Name, PortOptions));
        using var host = builder.Build();
        var program = host.Services.GetRequiredService<ProgramService>();
        await host.RunAsync();
        return program.ExitCode;
    }
}

/// <summary>The version that programs print.</summary>
public static class ProgramVersion
{
    /// <summary>The assembly's version, without the commit that it was built from; empty where none is known.</summary>
    public static string FromAssembly(Assembly? assembly) => assembly
        ?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

/// <summary>What a program says besides its output: JSON, a line for each message, times by RFC 3339.</summary>
internal static class ProgramLogs
{
    public static void Configure(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        // The server would report each request, with what its path and query hold.
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddJsonConsole(
            console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
}

/// <summary>How messages call the program and its ports.</summary>
internal sealed record ProgramNames(string Program, IReadOnlyList<string> PortOptions);

/// <summary>Runs the program and turns its end into an exit code.</summary>
internal sealed class ProgramService(
    Func<ILoggerFactory, CancellationToken, Task> run,
    ProgramNames names,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime)
    : BackgroundService
{
    public int ExitCode { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await run(loggers, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A signal: a good end.
        }
        catch (OptionException e)
        {
            await FailAsync(e.Message);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            var options = string.Join(", ", names.PortOptions.SkipLast(1).Select(name => $"--{name}"));
            var last = $"--{names.PortOptions[^1]}";
            await FailAsync(
                $"{e.Message.TrimEnd('.')}: give another with {(options.Length > 0 ? $"{options} or {last}" : last)}.");
        }
        catch (Exception e)
        {
            ExitCode = 1;
            loggers.CreateLogger(names.Program).LogCritical(e, "The program ends");
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task FailAsync(string message)
    {
        ExitCode = 1;
        await Console.Error.WriteLineAsync(message);
    }
}
