await Console.Error.WriteLineAsync("The router does not serve yet.");
return 1;
