using Dynospace.Testing.Networks;

namespace Dynospace.Gate.Tests;

/// <summary>The recorder with a real terminal, and its keeper in another process.</summary>
public sealed class RecorderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_typed_reaches_the_process_and_the_record()
    {
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal(["sh", "-c", "read word; echo \"got $word\"; exit 7"]);
        await run.Record.UntilAsync("at=start");
        run.Type("hello\r");

        Assert.Equal(7, await run.EndAsync());

        Assert.Contains("got hello\r\n", run.Screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            """
            at=start line=1 tty=true command="sh -c read word; echo \"got $word\"; exit 7"
            at=input line=2 bytes=6 text="hello\r"
            at=end line=3 exit=7

            """,
            await run.Record.UntilAsync("at=end line=3 exit=7\n"));
    }

    [Fact]
    public async Task What_is_typed_without_echo_is_in_the_record_alone()
    {
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal(["sh", "-c", "stty -echo; echo ready; read password; stty echo; exit 0"]);
        await run.Screen.UntilAsync("ready");
        run.Type("s3cret\r");

        Assert.Equal(0, await run.EndAsync());

        Assert.DoesNotContain("s3cret", run.Screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("text=\"s3cret\\r\"", await run.Record.UntilAsync("at=end"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_process_writes_is_no_part_of_the_record()
    {
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal(
            ["sh", "-c", "echo 'at=input line=9 bytes=1 text=\"x\"'; echo 'at=end line=9 exit=0' >&2; exit 3"]);

        Assert.Equal(3, await run.EndAsync());

        Assert.DoesNotContain("line=9", (await run.Record.UntilAsync("exit=3")).Split("at=start")[1].Split('\n')[1],
            StringComparison.Ordinal);
        Assert.Equal(2, run.Record.ToString().Count(letter => letter == '\n'));
    }

    [Fact]
    public async Task Sizes_interrupts_and_signals_reach_the_process()
    {
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal(
            ["sh", "-c", "trap 'stty size' WINCH; trap 'echo stopped' INT; trap 'echo asked; exit 4' TERM; echo ready; "
                + "while true; do sleep 0.1; done"]);
        await run.Screen.UntilAsync("ready");

        run.Resize(111, 44);
        await run.Screen.UntilAsync("44 111");
        run.Type("\x3");
        await run.Screen.UntilAsync("stopped");
        run.Signal(15);

        await run.Screen.UntilAsync("asked");
        Assert.Equal(4, await run.EndAsync());
    }

    [Fact]
    public async Task Input_of_a_pipe_is_recorded_and_its_end_passed_on()
    {
        using var run = new RecordedRun();
        run.Keep();
        var recorder = run.RecordBehindPipes(20, "sh", "-c", "cat; echo over >&2; exit 5");
        await recorder.StandardInput.WriteAsync("one\ntwo");
        recorder.StandardInput.Close();

        Assert.Equal("one\ntwo", await recorder.StandardOutput.ReadToEndAsync(Token));
        Assert.Equal("over\n", await recorder.StandardError.ReadToEndAsync(Token));
        await recorder.WaitForExitAsync(Token);
        Assert.Equal(5, recorder.ExitCode);
        Assert.Equal(
            """
            at=start line=1 tty=false command="sh -c cat; echo over >&2; exit 5"
            at=input line=2 bytes=4 text="one\n"
            at=input line=3 bytes=3 text="two"
            at=input-end line=4
            at=end line=5 exit=5

            """,
            await run.Record.UntilAsync("exit=5\n"));
    }

    [Fact]
    public async Task Nothing_starts_without_a_keeper()
    {
        using var run = new RecordedRun();
        var recorder = run.RecordBehindPipes(0, "echo", "started");

        Assert.Equal("", await recorder.StandardOutput.ReadToEndAsync(Token));
        Assert.Contains(
            "nothing keeps the record: the process does not start", await recorder.StandardError.ReadToEndAsync(Token),
            StringComparison.Ordinal);
        await recorder.WaitForExitAsync(Token);
        Assert.Equal(125, recorder.ExitCode);
    }

    [Fact]
    public async Task Nothing_runs_on_without_its_keeper()
    {
        using var run = new RecordedRun();
        var keeper = run.Keep();
        run.RecordInTerminal(["sh", "-c", "trap '' HUP; echo ready; while true; do sleep 0.1; done"]);
        await run.Screen.UntilAsync("ready");

        keeper.Kill();

        Assert.Equal(125, await run.EndAsync());
        Assert.Contains("the record is not kept any more", run.Screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keeper_keeps_one_record()
    {
        using var run = new RecordedRun();
        var keeper = run.Keep();
        var first = run.RecordBehindPipes(20, "sh", "-c", "exit 0");
        await first.WaitForExitAsync(Token);
        await run.Record.UntilAsync("at=end");
        Assert.False(File.Exists(run.Socket));
        keeper.Kill();
        await keeper.WaitForExitAsync(Token);

        run.Keep();

        Assert.Equal(
            "at=refused line=1 reason=\"the keeper was started again, and keeps no second record\"\n",
            await run.Record.UntilAsync("at=refused line=1 reason=\"the keeper was started again, and keeps no second "
                + "record\"\n"));
        Assert.False(File.Exists(run.Socket));
    }

    [Theory]
    [InlineData(127, "'/no/such' was not found in the image", "/no/such")]
    [InlineData(126, "'/etc/passwd' cannot be run", "/etc/passwd")]
    public async Task A_command_that_cannot_be_run_is_said(int code, string message, string command)
    {
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal([command]);

        Assert.Equal(code, await run.EndAsync());

        Assert.Contains(message, run.Screen.ToString(), StringComparison.Ordinal);
        await run.Record.UntilAsync($"exit={code}\n");
    }

    /// <summary>As in a container: number 1, and without any right.</summary>
    [Fact]
    public async Task The_process_cannot_end_read_or_trace_its_recorder_nor_open_its_terminal()
    {
        NetworkNamespace.Require();
        using var run = new RecordedRun();
        run.Keep();
        run.RecordInTerminal(
            ["sh", "-c", """
                for signal in KILL STOP ABRT; do kill -$signal 1; done
                cat /proc/1/environ /proc/1/mem; echo "environ $?"
                readlink /proc/1/fd/0 || echo "descriptors hidden"
                terminal=$(tty); outer=/dev/pts/$((${terminal##*/} - 1))
                cat < $outer || echo "terminal closed"
                read line; echo "got $line"; exit 6
                """],
            "unshare", "--pid", "--fork", "--mount-proc", "--", "setpriv", "--bounding-set=-all", "--inh-caps=-all",
            "--no-new-privs", "--");
        await run.Screen.UntilAsync("terminal closed");
        run.Type("still here\r");

        Assert.Equal(6, await run.EndAsync());

        var screen = run.Screen.ToString();
        Assert.Contains("environ 1", screen, StringComparison.Ordinal);
        Assert.Contains("descriptors hidden", screen, StringComparison.Ordinal);
        Assert.Contains("got still here", screen, StringComparison.Ordinal);
        Assert.Contains("text=\"still here\\r\"", await run.Record.UntilAsync("at=end"), StringComparison.Ordinal);
    }
}
